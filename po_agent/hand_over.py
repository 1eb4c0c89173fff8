"""Settings on their way from `po-agent up` or `demo` to the LangGraph server that they start.

They travel whole, in one variable of the child's environment. Were the child to read the environment and `.env` for itself, a
setting that was meant to be off (the demo's Odoo, the caller's port) would be on again there: a demo could reach a real Odoo.
"""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from po_agent.settings import Settings

_VARIABLE = "PO_AGENT_SETTINGS"


def handed_over(settings: Settings) -> dict[str, str]:
    """The variable, for the environment of a child. It holds secrets, as the environment may anyway."""
    return {_VARIABLE: json.dumps({name: _plain(getattr(settings, name)) for name in Settings.model_fields})}


def taken_over() -> dict[str, Any]:
    """What the parent handed over, for `load_settings`; nothing if this process was started by itself."""
    taken: dict[str, Any] = json.loads(os.environ.get(_VARIABLE, "{}"))
    return taken


def _plain(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Path() | Decimal():
            return str(value)
        case Mapping():
            return {name: _plain(one) for name, one in value.items()}
        case tuple() | frozenset():
            return [_plain(one) for one in value]
        case _:
            return value
