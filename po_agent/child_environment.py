"""The environment of a child process: exactly the settings of this one, whatever `.env` and secret files would tell it.

So the demo, told to play in the sandbox, cannot find its way to a real Chatwoot or Odoo that a `.env` names.
"""

import os
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from po_agent.settings import NONE, Settings
from po_agent.settings_sources import names_of


def child_environment(settings: Settings) -> dict[str, str]:
    """This process's environment, with every setting spelt out in it; what is not set is said to be none."""
    fields = Settings.model_fields
    known = {name for field_name, field in fields.items() for name in names_of(field_name, field)}
    known |= {f"{name}_FILE" for name in known}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in known}
    return inherited | {
        names_of(field_name, field)[0]: _text(getattr(settings, field_name)) for field_name, field in fields.items()
    }


def _text(value: Any) -> str:
    """A setting's value as the environment spells it."""
    match value:
        case None:
            return NONE
        case SecretStr():
            return value.get_secret_value()
        case Path():
            return str(value.absolute())
        case Mapping():
            return ",".join(f"{name}:{_text(part)}" for name, part in value.items()) or NONE
        case (time() as begin, time() as end):
            return f"{begin.isoformat()}-{end.isoformat()}"
        case tuple() | frozenset():
            # An empty text would count as unset; a lone comma is a list of nothing.
            return ",".join(_text(part) for part in value) or ","
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
