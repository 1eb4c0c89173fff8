"""A child process gets exactly the settings of its parent, whatever `.env` says. Environment and files are real."""

from pathlib import Path

import pytest

from po_agent.child_environment import child_environment
from po_agent.demo import demo_settings
from po_agent.settings import Settings, load_settings


def test_a_child_has_the_settings_of_its_parent_and_not_those_of_env_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = load_settings(
        data_dir=tmp_path,
        chatwoot_inbox_ids="11,12",
        policy_confirm_limit="CLP:5,USD:1.50",
        policy_quiet_hours="21:30-07:15",
        policy_workdays="1,6",
        policy_holidays=None,
        chatwoot_webhook_secrets="one,two",
        openai_api_key=None,
    )
    for name, value in child_environment(parent).items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-a-file\nODOO_URL=https://odoo.example.com\nCHATWOOT_INBOX_IDS=99\n")
    monkeypatch.chdir(tmp_path)
    assert load_settings() == parent


def test_a_play_never_reaches_a_real_chatwoot_or_odoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ENVIRONMENT=production\nODOO_URL=https://odoo.example.com\nCHATWOOT_INBOX_IDS=99\n")
    monkeypatch.setenv("CHATWOOT_BASE_URL", "https://chat.example.com")
    settings = demo_settings(tmp_path)
    assert settings.has_sandbox_chatwoot
    assert settings.has_sandbox_odoo
    for name, value in child_environment(settings).items():
        monkeypatch.setenv(name, value)
    child = load_settings()
    assert child.chatwoot_base_url is None
    assert child.odoo_url is None
    assert child.chatwoot_inbox_ids == frozenset()
    assert child == settings.model_copy(update={"data_dir": tmp_path.absolute()})


def test_every_setting_is_spelt_out(tmp_path: Path) -> None:
    environment = child_environment(demo_settings(tmp_path))
    missing = [name for name in Settings.model_fields if name.upper() not in environment]
    assert missing == []
