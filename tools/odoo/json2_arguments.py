"""The names that JSON-2 wants for arguments which JSON-RPC takes by position.

JSON-2 has no positions: a list as body is taken as empty, and answered with an empty list. The names are those of Odoo 19's
own methods (`search(domain, offset, …)`); JSON-RPC keeps to positions, because Odoo 14 has other names for some of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

#: Methods of a model, and methods on records that take more than their ids. Of all others, the only position is the ids.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "check_object_reference": ("module", "xml_id"),
    "context_get": (),
    "create": ("vals_list",),
    "fields_get": ("allfields", "attributes"),
    "formatted_read_group": ("domain", "groupby", "aggregates"),
    "load": ("fields", "data"),
    "name_search": ("name", "domain", "operator", "limit"),
    "read": ("ids", "fields", "load"),
    "read_group": ("domain", "fields", "groupby"),
    "search": ("domain", "offset", "limit", "order"),
    "search_count": ("domain", "limit"),
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "set_param": ("key", "value"),
    "write": ("ids", "vals"),
}


def by_name(method: str, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments by name. Raises `LookupError` for a position that has no name here: add the method above."""
    names = _NAMES.get(method, ("ids",))
    if len(args) > len(names):
        raise LookupError(f"{method}: {len(args)} positional arguments, but JSON-2 names are known for {names}.")
    placed = dict(zip(names, args, strict=False))
    if "ids" in placed and isinstance(placed["ids"], int):
        placed["ids"] = [placed["ids"]]  # JSON-RPC takes one id as well as a list of them
    return {**placed, **named}
