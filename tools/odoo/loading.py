"""Making records so that the same key never makes them twice: Odoo's `load` with external ids.

Why not search and then create: four parallel calls make four orders, and a call that timed out here commits there all the
same. `load` finds a record by its external id inside one transaction, and PostgreSQL turns the losers of a race away. But it
also overwrites what it finds, even a confirmed order, so the key is looked up before every `load`.
"""

import time
from random import uniform

from tools.odoo.errors import is_conflict
from tools.odoo.port import OdooRefused, OdooUnavailable
from tools.odoo.transport import OdooTransport

_MODULE = "purchase_agent"
_ATTEMPTS = 4


def external_id(key: str) -> str:
    """The whole external id of a key."""
    return f"{_MODULE}.{key}"


def look_up(odoo: OdooTransport, key: str) -> int | None:
    """The id of the record that the key made, or None."""
    for _ in range(_ATTEMPTS):
        try:
            _model, record_id = odoo.call("ir.model.data", "check_object_reference", _MODULE, key)
        except OdooRefused as refusal:
            # Only this answer means absent. Taking another failure for it would let `load` overwrite a record.
            if "External ID not found" in refusal.detail:
                return None
            raise
        if record_id:
            return int(record_id)
        # The id without a record to it: Odoo's cache of ids runs ahead of the transaction that makes the record, and stays
        # behind if that one fails. A moment later it is settled.
        time.sleep(0.15)
    # Still so: it failed, or this user may not see the record. `load` heeds both: it asks the table, and has no more rights.
    return None


def load(odoo: OdooTransport, model: str, key: str, fields: list[str], rows: list[list[str]]) -> int:
    """The id of the first row's record, whose external id is that of `key`. Blocks, up to a few timeouts long."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = odoo.call(model, "load", fields, rows)
        except OdooUnavailable:
            answer = None
            if attempt == _ATTEMPTS:
                raise
        if answer and answer["ids"]:
            return int(answer["ids"][0])
        refusal = "; ".join(str(message.get("message")) for message in answer["messages"]) if answer else ""
        if answer and not is_conflict(refusal):
            raise OdooRefused(refusal)
        time.sleep(uniform(0.1, 0.4) * attempt)  # noqa: S311 (jitter, no secret)
        found = look_up(odoo, key)
        if found is not None:
            return found
    raise OdooUnavailable("Other transactions were always first.")
