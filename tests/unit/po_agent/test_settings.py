"""Settings as a process would read them. Real environment, files and sources; only Google's client is a stand-in."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import PermissionDenied
from pydantic import ValidationError
from pydantic_settings.sources.providers import gcp

from domain.modes import AgentMode
from po_agent.composition import odoo_connection
from po_agent.settings import DEVELOPMENT_SECRET, Settings, SettingsError, load_settings
from po_agent.settings_sources import names_of

ROOT = Path(__file__).parents[3]

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://agent:db-secret@db/orders",
    "LANGGRAPH_URL": "https://langgraph.example",
    "LANGGRAPH_API_KEY": "langgraph-own-key",
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "CHATWOOT_BASE_URL": "https://chat.example",
    "CHATWOOT_API_KEY": "chatwoot-own-key",
    "CHATWOOT_ACCOUNT_ID": "3",
    "CHATWOOT_INBOX_IDS": "4, 5",
    "CHATWOOT_WEBHOOK_SECRETS": "new-secret, old-secret",
    "ODOO_URL": "https://odoo.example/",
    "ODOO_DB": "company",
    "ODOO_USERNAME": "agent",
    "ODOO_PASSWORD": "odoo-own-password",
    "BRIDGE_API_TOKEN": "bridge-own-token",
}
SECRETS_OF_PRODUCTION = [
    "db-secret",
    "langgraph-own-key",
    "chatwoot-own-key",
    "new-secret",
    "old-secret",
    "odoo-own-password",
    "bridge-own-token",
]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty environment in an empty folder."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    def given(**names: str) -> None:
        for name, value in names.items():
            monkeypatch.setenv(name, value)

    return given


def faults() -> dict[str, str]:
    """The faults that loading reports, by setting; each setting once."""
    with pytest.raises(SettingsError) as raised:
        load_settings()
    lines = [line.removeprefix("  - ") for line in str(raised.value).splitlines() if line.startswith("  - ")]
    found = {name: fault for name, _, fault in (line.partition(": ") for line in lines)}
    assert len(found) == len(lines), "a setting was named twice"
    return found


def test_a_first_run_needs_nothing() -> None:
    settings = load_settings()
    assert settings.is_development
    assert settings.has_sandbox_chatwoot
    assert settings.has_sandbox_odoo
    assert settings.mode is AgentMode.AUTO
    assert settings.database_url is None
    assert settings.openai_api_key is None
    assert (settings.debounce_seconds, settings.debounce_cap_seconds, settings.turn_lease_seconds) == (6, 30, 60)
    assert (settings.turn_max_attempts, settings.policy_binding_readers) == (5, 2)
    assert settings.policy_price_tolerance == Decimal("0.05")


def test_a_whole_production_is_read_as_meant(given: Any) -> None:
    given(**PRODUCTION, POLICY_CONFIRM_LIMIT="clp:1500000, usd:1000.50", POLICY_PRICE_TOLERANCE="0.1")
    settings = load_settings()
    assert settings.mode is AgentMode.SHADOW
    assert settings.database_url == "postgresql+psycopg://agent:db-secret@db/orders"
    assert settings.chatwoot_inbox_ids == {4, 5}
    assert [secret.get_secret_value() for secret in settings.chatwoot_webhook_secrets] == ["new-secret", "old-secret"]
    assert settings.odoo_url == "https://odoo.example"
    assert settings.policy_confirm_limit == {"CLP": Decimal(1_500_000), "USD": Decimal("1000.50")}
    assert settings.policy_price_tolerance == Decimal("0.1")


def test_secrets_do_not_show_and_settings_do_not_change(given: Any) -> None:
    given(**PRODUCTION)
    settings = load_settings()
    for secret in SECRETS_OF_PRODUCTION:
        assert secret not in repr(settings)
        assert secret not in str(settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_every_fault_is_told_at_once(given: Any) -> None:
    wrong = {
        "AGENT_MODE": "wild",
        "PORT": "abc",
        "DEBOUNCE_SECONDS": "-1",
        "TURN_LEASE_SECONDS": "inf",
        "CHATWOOT_INBOX_IDS": "1,x",
        "CHATWOOT_BASE_URL": "chat.example",
        "ODOO_URL": "http://two words",
        "DATABASE_URL": "mysql://agent:hunter2@db/orders",
        "POLICY_CONFIRM_LIMIT": "CLP:nan",
        "POLICY_PRICE_TOLERANCE": "1.5",
        "POLICY_BINDING_READERS": "3",
        "LOG_FORMAT": "xml",
    }
    given(**wrong, TEST_DATABASE_URL="hunter2 is no address", CHATWOOT_API_KEY_FILE="missing")
    found = faults()
    assert wrong.keys() | {"TEST_DATABASE_URL", "CHATWOOT_API_KEY_FILE"} == found.keys()
    assert "hunter2" not in str(found)
    assert "'wild'" in found["AGENT_MODE"]
    assert "CLP:2000000,USD:2500" in found["POLICY_CONFIRM_LIMIT"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("ENVIRONMENT", "prod"),
        ("CHATWOOT_INBOX_IDS", "0"),
        ("CHATWOOT_INBOX_IDS", "-4"),
        ("CHATWOOT_ACCOUNT_ID", "0"),
        ("CHATWOOT_BASE_URL", "https://"),
        ("CHATWOOT_BASE_URL", "http://host:port"),
        ("LANGGRAPH_URL", "ftp://host"),
        ("DATABASE_URL", "postgresql"),
        ("DATABASE_URL", "postgresql+asyncpg://db/orders"),
        ("DEBOUNCE_CAP_SECONDS", "0"),
        ("POLICY_CONFIRM_LIMIT", "2000000"),
        ("POLICY_CONFIRM_LIMIT", "CLP:-1"),
        ("POLICY_CONFIRM_LIMIT", "PESOS:1"),
        ("POLICY_PRICE_TOLERANCE", "-0.01"),
        ("POLICY_PRICE_TOLERANCE", "nan"),
        ("CHATWOOT_ALLOW_UNSIGNED", "perhaps"),
        ("TURN_MAX_ATTEMPTS", "0"),
    ],
)
def test_a_wrong_value_is_named(given: Any, name: str, value: str) -> None:
    given(**{name: value})
    assert list(faults()) == [name]


def test_the_cap_may_not_be_below_the_quiet_time(given: Any) -> None:
    given(DEBOUNCE_SECONDS="10", DEBOUNCE_CAP_SECONDS="9.5")
    assert list(faults()) == ["DEBOUNCE_CAP_SECONDS"]


def test_one_wait_for_a_real_odoo_may_not_outlast_the_lease(given: Any) -> None:
    real = {"ODOO_URL": "https://odoo.example", "ODOO_DB": "d", "ODOO_USERNAME": "u", "ODOO_PASSWORD": "p"}
    given(**real, ODOO_TIMEOUT_SECONDS="30", TURN_LEASE_SECONDS="30")
    assert list(faults()) == ["ODOO_TIMEOUT_SECONDS"]
    given(TURN_LEASE_SECONDS="nonsense")
    assert list(faults()) == ["TURN_LEASE_SECONDS"], "what is wrong by itself is not compared"
    given(TURN_LEASE_SECONDS="31")
    assert load_settings().odoo_timeout_seconds == 30
    given(ODOO_PROTOCOL="sandbox", TURN_LEASE_SECONDS="5")
    assert load_settings().has_sandbox_odoo, "the sandbox never keeps anyone waiting"


@pytest.mark.parametrize("protocol", ["auto", "jsonrpc", "json2"])
def test_the_protocol_and_the_limits_reach_the_adapter(given: Any, protocol: str) -> None:
    real = {"ODOO_URL": "https://odoo.example", "ODOO_DB": "d", "ODOO_USERNAME": "u", "ODOO_PASSWORD": "p"}
    given(**real, ODOO_PROTOCOL=protocol, TURN_LEASE_SECONDS="40", ODOO_REQUESTS_PER_SECOND="3", ODOO_TIMEOUT_SECONDS="7")
    connection = odoo_connection(load_settings())
    assert (connection.protocol, connection.password) == (protocol, "p")
    assert (connection.timeout_seconds, connection.budget_seconds, connection.requests_per_second) == (7, 30, 3)


def test_a_real_odoo_needs_all_of_its_four(given: Any) -> None:
    given(ODOO_URL="https://odoo.example", ODOO_DB="company")
    assert list(faults()) == ["ODOO_USERNAME", "ODOO_PASSWORD"]
    given(ODOO_PROTOCOL="Sandbox")
    assert load_settings().has_sandbox_odoo


@pytest.mark.parametrize("environment_name", ["production", "staging", "Production"])
def test_nothing_of_development_starts_outside_it(given: Any, environment_name: str) -> None:
    given(ENVIRONMENT=environment_name)
    required = PRODUCTION.keys() - {"ENVIRONMENT", "ODOO_DB", "ODOO_USERNAME", "ODOO_PASSWORD"}
    assert faults().keys() == required


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANGGRAPH_API_KEY", DEVELOPMENT_SECRET),
        ("CHATWOOT_API_KEY", DEVELOPMENT_SECRET),
        ("BRIDGE_API_TOKEN", DEVELOPMENT_SECRET),
        ("CHATWOOT_WEBHOOK_SECRETS", f"own-secret,{DEVELOPMENT_SECRET}"),
        ("CHATWOOT_WEBHOOK_SECRETS", " , "),
        ("CHATWOOT_ALLOW_UNSIGNED", "true"),
        ("CHATWOOT_BASE_URL", "http://127.0.0.1:8010/sandbox/chatwoot/"),
        ("CHATWOOT_INBOX_IDS", ","),
        ("CHATWOOT_ACCOUNT_ID", ""),
        ("DATABASE_URL", ""),
        ("LANGGRAPH_STRICT_MSGPACK", "false"),
    ],
)
def test_production_refuses(given: Any, name: str, value: str) -> None:
    given(**PRODUCTION)
    load_settings()
    given(**{name: value})
    assert list(faults()) == [name]


def test_production_refuses_the_sandboxs_odoo_by_name(given: Any) -> None:
    given(**PRODUCTION, ODOO_PROTOCOL="sandbox")
    assert "ODOO_PROTOCOL" in faults()["ODOO_URL"]


def test_a_wrong_value_does_not_hide_what_production_lacks(given: Any) -> None:
    given(ENVIRONMENT="production", PORT="abc", DATABASE_URL="mysql://db/x")
    found = faults()
    assert {"PORT", "DATABASE_URL", "CHATWOOT_INBOX_IDS", "BRIDGE_API_TOKEN"} <= found.keys()


def test_a_chatwoot_that_others_can_reach_is_not_signed_for_with_a_known_secret(given: Any) -> None:
    given(CHATWOOT_BASE_URL="https://chat.example")
    assert list(faults()) == ["CHATWOOT_API_KEY", "CHATWOOT_WEBHOOK_SECRETS"]
    given(CHATWOOT_API_KEY="own-key", CHATWOOT_WEBHOOK_SECRETS="own-secret")
    assert load_settings().mode is AgentMode.SHADOW, "a real Chatwoot: nothing is touched unless asked for"
    given(CHATWOOT_BASE_URL="http://127.0.0.1:9999", CHATWOOT_API_KEY="", CHATWOOT_WEBHOOK_SECRETS="")
    load_settings()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgresql://u:p%40@h:5433/d", "postgresql+psycopg://u:p%40@h:5433/d"),
        ("postgres://h/d", "postgresql+psycopg://h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("sqlite+aiosqlite:////var/agent.db", "sqlite+aiosqlite:////var/agent.db"),
        ("postgresql://postgres@/postgres?host=/a/b", "postgresql+psycopg://postgres@/postgres?host=%2Fa%2Fb"),
    ],
)
def test_database_addresses(given: Any, written: str, meant: str) -> None:
    given(DATABASE_URL=written)
    assert load_settings().database_url == meant


def test_a_relative_sqlite_file_is_the_same_file_for_child_processes(given: Any) -> None:
    given(DATABASE_URL="sqlite:///agent.db")
    assert load_settings().database_url == f"sqlite+aiosqlite:///{Path.cwd() / 'agent.db'}"


def test_older_names_are_accepted_and_the_present_ones_are_stronger(given: Any) -> None:
    given(
        CHATWOOT_PROCESSOR_TOKEN="older-token", CHATWOOT_PROCESSOR_ACCOUNT_ID="5", CHATWOOT_PROCESSOR_PORT="9000", PORT="9001"
    )
    settings = load_settings()
    assert settings.chatwoot_api_key.get_secret_value() == "older-token"
    assert (settings.chatwoot_account_id, settings.port) == (5, 9001)


def test_a_fault_under_an_older_name_is_told_under_the_present_one(given: Any) -> None:
    given(CHATWOOT_PROCESSOR_PORT="abc")
    assert list(faults()) == ["PORT"]


def test_sources_in_their_order(given: Any, tmp_path: Path) -> None:
    """Environment, `.env`, NAME_FILE, SECRETS_DIR: each setting below is in all the weaker sources too."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("CHATWOOT_API_KEY", "BRIDGE_API_TOKEN", "LANGGRAPH_API_KEY", "ODOO_DB"):
        (folder / name).write_text("from-folder\n")
    for name in ("CHATWOOT_API_KEY", "BRIDGE_API_TOKEN", "LANGGRAPH_API_KEY"):
        (tmp_path / name).write_text("from-file\n")
        given(**{f"{name}_FILE": str(tmp_path / name)})
    (tmp_path / ".env").write_text("CHATWOOT_API_KEY=from-dotenv\nBRIDGE_API_TOKEN=from-dotenv\nUNKNOWN=1\n")
    given(CHATWOOT_API_KEY="from-environment", SECRETS_DIR=str(folder))
    settings = load_settings()
    assert settings.chatwoot_api_key.get_secret_value() == "from-environment"
    assert settings.bridge_api_token.get_secret_value() == "from-dotenv"
    assert settings.langgraph_api_key.get_secret_value() == "from-file"
    assert settings.odoo_db == "from-folder"


def test_the_further_sources_may_be_switched_on_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "odoo_db").write_text("from-folder")
    (tmp_path / ".env").write_text(f"BRIDGE_API_TOKEN_FILE={tmp_path}/key\nSECRETS_DIR={tmp_path}/secrets\n")
    settings = load_settings()
    assert (settings.bridge_api_token.get_secret_value(), settings.odoo_db) == ("from-file", "from-folder")


def test_files_that_cannot_be_read_are_faults_among_the_others(given: Any, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    given(BRIDGE_API_TOKEN_FILE=str(tmp_path / "binary"), CHATWOOT_PROCESSOR_TOKEN_FILE="/missing")
    given(SECRETS_DIR="/missing", PORT="x")
    assert faults().keys() == {"BRIDGE_API_TOKEN_FILE", "CHATWOOT_PROCESSOR_TOKEN_FILE", "SECRETS_DIR", "PORT"}


class FakeSecretManager:
    """Google's client, as far as pydantic-settings uses it."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets = secrets
        self.projects: set[str] = set()

    def common_project_path(self, project: str) -> str:
        self.projects.add(project)
        return f"projects/{project}"

    def list_secrets(self, parent: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=f"{parent}/secrets/{name}") for name in self.secrets]

    def parse_secret_path(self, path: str) -> dict[str, str]:
        return {"secret": path.rsplit("/", 1)[1]}

    def secret_version_path(self, project: str, name: str, version: str) -> str:
        assert version == "latest"
        return f"projects/{project}/secrets/{name}/versions/{version}"

    def access_secret_version(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(payload=SimpleNamespace(data=self.secrets[name.split("/")[3]].encode()))


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> FakeSecretManager:
    """Stands in for Google: no network, no credentials."""
    client = FakeSecretManager({})
    monkeypatch.setattr(gcp, "Credentials", object)
    monkeypatch.setattr(gcp, "google_auth_default", lambda: (object(), "the credentials' own project"))
    monkeypatch.setattr(gcp, "SecretManagerServiceClient", lambda credentials: client)
    return client


def test_google_secret_manager_is_the_weakest_source(given: Any, google: FakeSecretManager, tmp_path: Path) -> None:
    google.secrets = {
        "CHATWOOT_API_KEY": "from-google\n",
        "CHATWOOT_WEBHOOK_SECRETS": "one,two",
        "bridge_api_token": "from-google",
        "ODOO_PASSWORD": "from-google",
        "SOMEBODY_ELSES": "never asked for",
    }
    (tmp_path / "password").write_text("from-file")
    given(GCP_SECRET_MANAGER_PROJECT="our-project", ODOO_PASSWORD_FILE=str(tmp_path / "password"))
    settings = load_settings()
    assert google.projects == {"our-project"}
    assert settings.chatwoot_api_key.get_secret_value() == "from-google"
    assert [secret.get_secret_value() for secret in settings.chatwoot_webhook_secrets] == ["one", "two"]
    assert settings.bridge_api_token.get_secret_value() == "from-google"
    assert settings.odoo_password is not None
    assert settings.odoo_password.get_secret_value() == "from-file"


def test_without_the_switch_google_is_not_asked(google: FakeSecretManager) -> None:
    google.secrets = {"ODOO_DB": "from-google"}
    assert load_settings().odoo_db is None
    assert google.projects == set()


def test_a_google_that_refuses_is_a_fault(given: Any, google: FakeSecretManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(parent: str) -> list[SimpleNamespace]:
        raise PermissionDenied("secretmanager.secrets.list")

    monkeypatch.setattr(google, "list_secrets", refuse)
    given(GCP_SECRET_MANAGER_PROJECT="our-project", CHATWOOT_API_KEY_FILE="/missing")
    found = faults()
    assert found.keys() == {"GCP_SECRET_MANAGER_PROJECT", "CHATWOOT_API_KEY_FILE"}
    assert "secretmanager.secrets.list" in found["GCP_SECRET_MANAGER_PROJECT"]


def test_nothing_is_read_at_import_and_nothing_is_kept(given: Any) -> None:
    code = """
import os
os.environ['PORT'] = 'abc'
from po_agent.settings import load_settings
os.environ['PORT'] = '9009'
print(load_settings().port)
"""
    path = {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "9009"
    given(PORT="9001")
    assert load_settings().port == 9001
    given(PORT="9002")
    assert load_settings().port == 9002


def test_the_settings_that_others_rely_on_exist() -> None:
    """Names from outside: they may not be renamed."""
    promised = """
        ENVIRONMENT AGENT_MODE DATABASE_URL TEST_DATABASE_URL LANGGRAPH_URL LANGGRAPH_API_KEY CHATWOOT_BASE_URL
        CHATWOOT_API_KEY CHATWOOT_PROCESSOR_TOKEN CHATWOOT_BOT_TOKEN CHATWOOT_ACCOUNT_ID CHATWOOT_PROCESSOR_ACCOUNT_ID
        CHATWOOT_INBOX_IDS CHATWOOT_WEBHOOK_SECRETS CHATWOOT_ALLOW_UNSIGNED ODOO_URL ODOO_DB ODOO_USERNAME ODOO_PASSWORD
        ODOO_PROTOCOL OPENAI_API_KEY OPENAI_BASE_URL MODEL BRIDGE_API_TOKEN PORT CHATWOOT_PROCESSOR_PORT DEBOUNCE_SECONDS
        DEBOUNCE_CAP_SECONDS TURN_LEASE_SECONDS RECONCILE_SECONDS RECONCILE_LOOKBACK_HOURS LOG_LEVEL LOG_FORMAT"""
    known = {name for field_name, field in Settings.model_fields.items() for name in names_of(field_name, field)}
    assert set(promised.split()) <= known
