"""`.env.example` and `docs/settings.md`, written from the settings themselves, so that they cannot drift.

`python -m po_agent.settings_docs` writes both; a test compares them with what this makes.
"""

import textwrap
from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from po_agent.settings import DEVELOPMENT_SECRET, Settings
from po_agent.settings_sources import names_of

_ENV_HEAD = """\
# Every setting, with its default. Nothing has to be set for a first run. Copy this file to .env and take away the # where
# you want something else. Written by `python -m po_agent.settings_docs`.
#
# A setting can also be read from a file that NAME_FILE names (CHATWOOT_API_KEY_FILE=/run/secrets/chatwoot), from a folder
# with one file a setting (SECRETS_DIR=/run/secrets), or from Google Secret Manager, one secret a setting, named like it
# (GCP_SECRET_MANAGER_PROJECT=my-project). The environment is stronger than this file, and this file than those three.
"""

_DOC_HEAD = f"""\
# Settings

Written by `python -m po_agent.settings_docs` from `po_agent/settings.py`; change a text there.

A first run needs none of them: in development, what is not set is the sandbox, the embedded PostgreSQL, the offline reader,
and for every token the known value `{DEVELOPMENT_SECRET}`. All faults are reported at once, when the program starts.

**Where they are read from**, the strongest first: the environment; `.env`; a file that `NAME_FILE` names
(`CHATWOOT_API_KEY_FILE=/run/secrets/chatwoot`); a folder with one file a setting (`SECRETS_DIR`); Google Secret Manager
(`GCP_SECRET_MANAGER_PROJECT`), one secret a setting, named like it, in the newest version: the service account lists and
reads them. An empty value counts as not set.

**Outside development** (staging is judged like production, so that what starts there starts here) these are refused: a
missing or known token or webhook secret, the sandbox's Chatwoot or Odoo, unsigned webhooks, the embedded database, no
LangGraph server, no account, no list of inboxes, and `LANGGRAPH_STRICT_MSGPACK` other than true. In development, a Chatwoot
on another machine needs its own `CHATWOOT_API_KEY` and `CHATWOOT_WEBHOOK_SECRETS` too.

| setting | default | meaning |
| --- | --- | --- |
"""


def env_example() -> str:
    """The text of `.env.example`."""
    blocks = [_ENV_HEAD]
    for names, default, about in _each():
        older = f" Also accepted: {', '.join(names[1:])}." if names[1:] else ""
        text = textwrap.fill(about + older, width=118, initial_indent="# ", subsequent_indent="# ")
        blocks.append(f"{text}\n# {names[0]}={default}\n")
    return "\n".join(blocks)


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    rows = []
    for names, default, about in _each():
        older = "".join(f"<br>also `{name}`" for name in names[1:])
        rows.append(f"| `{names[0]}`{older} | {f'`{default}`' if default else ''} | {about.replace('|', chr(92) + '|')} |")
    return _DOC_HEAD + "\n".join(rows) + "\n"


def _each() -> Iterator[tuple[list[str], str, str]]:
    for field_name, field in Settings.model_fields.items():
        yield names_of(field_name, field), _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    return _as_text(field.get_default(call_default_factory=False))


def _as_text(value: object) -> str:
    """As one would write it in the environment."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return ",".join(f"{name}:{_as_text(inner)}" for name, inner in value.items())
    if isinstance(value, tuple) and value and all(isinstance(inner, time) for inner in value):
        return "-".join(inner.isoformat("minutes") for inner in value)
    if isinstance(value, tuple | frozenset):
        return ",".join(_as_text(inner) for inner in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def main(project: Path = Path(__file__).parent.parent) -> None:
    """Write both files."""
    (project / ".env.example").write_text(env_example(), encoding="utf-8")
    (project / "docs").mkdir(exist_ok=True)
    (project / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
