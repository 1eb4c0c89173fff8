"""`.env.example` and `docs/settings.md` say what the settings are, all of them, and no others."""

import os
import re
from pathlib import Path

import pytest

from po_agent.settings import Settings, load_settings
from po_agent.settings_docs import env_example, settings_page
from po_agent.settings_sources import names_of

ROOT = Path(__file__).parents[3]
AGAIN = "run `python -m po_agent.settings_docs`"

NAMES = [names_of(name, field) for name, field in Settings.model_fields.items()]


def test_both_files_are_as_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example(), AGAIN
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page(), AGAIN


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
def test_every_setting_is_explained_in_both(names: list[str]) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8").split("\n\n")
    [block] = [block for block in example if re.search(rf"^# {names[0]}=", block, re.MULTILINE)]
    lines = block.splitlines()
    assert 2 <= len(lines) <= 4, "one to three lines, and the setting"
    assert all(line.startswith("# ") for line in lines)
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| `{names[0]}`")]
    for older in names[1:]:
        assert older in block
        assert older in row


def test_the_examples_defaults_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every line of it made active, the settings are those of a first run."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    unset = load_settings()
    active = re.sub(r"^# (?=[A-Z_]+=)", "", (ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(active, encoding="utf-8")
    assert load_settings() == unset
    assert len(re.findall(r"^[A-Z_]+=", active, re.MULTILINE)) == len(NAMES)
