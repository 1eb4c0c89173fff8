"""Records together with what they lead to, in one call: an order with its lines, their products and its buyer.

Odoo's own pages read this way (`web_search_read` with a specification; measured on 19). Where Odoo is older, the same shape is
put together from plain reads, one for each model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from tools.odoo.mapping import Record
from tools.odoo.transport import OdooTransport

#: The fields to read: None for a plain one, `Related` for one that leads to other records.
Ask = Mapping[str, Union["Related", None]]


@dataclass(frozen=True)
class Related:
    """What to read of the records that a field leads to. A many2one reads as one record or False, the others as lists."""

    model: str
    ask: Ask


def plain(*names: str) -> dict[str, Related | None]:
    """These fields, plainly."""
    return dict.fromkeys(names)


def only_known(odoo: OdooTransport, model: str, ask: Ask) -> dict[str, Related | None]:
    """Those of the fields that this Odoo has."""
    known = odoo.fields(model)
    return {name: related for name, related in ask.items() if name in known}


def search_nested(
    odoo: OdooTransport,
    model: str,
    domain: list[Any],
    ask: Ask,
    *,
    order: str = "id",
    limit: int | None = None,
    context: dict[str, Any] | None = None,
) -> list[Record]:
    """The records found, each with what `ask` names."""
    if reads_nested(odoo):
        answer = odoo.call(
            model,
            "web_search_read",
            domain=domain,
            specification=_specification(ask),
            order=order,
            limit=limit,
            context=context,
        )
        return list(answer["records"])
    records = odoo.call(model, "search_read", domain, fields=list(ask), order=order, limit=limit, context=context)
    return _follow(odoo, records, ask, context)


def reads_nested(odoo: OdooTransport) -> bool:
    """Whether this Odoo is one of those on which it was tried: the unit of lines got its new name in 19."""
    return "product_uom_id" in odoo.fields("purchase.order.line")


def _specification(ask: Ask) -> dict[str, Any]:
    return {name: {"fields": _specification(related.ask)} if related else {} for name, related in ask.items()}


def _follow(odoo: OdooTransport, records: list[dict[str, Any]], ask: Ask, context: dict[str, Any] | None) -> list[Record]:
    for name, related in ask.items():
        for record in records:
            if related is None and isinstance(record[name], list | tuple) and _is_pair(record[name]):
                record[name] = record[name][0]  # as it comes nested: the bare id
        if related is not None:
            found = _read(odoo, related, {id_ for record in records for id_ in _ids(record[name])}, context)
            for record in records:
                led_to = [found[id_] for id_ in _ids(record[name]) if id_ in found]
                many = isinstance(record[name], list) and not _is_pair(record[name])
                record[name] = led_to if many else next(iter(led_to), False)
    return list(records)


def _read(odoo: OdooTransport, related: Related, ids: set[int], context: dict[str, Any] | None) -> dict[int, Record]:
    if not ids:
        return {}
    records = odoo.call(related.model, "read", sorted(ids), list(related.ask), context=context)
    return {record["id"]: record for record in _follow(odoo, records, related.ask, context)}


def _ids(value: Any) -> list[int]:
    if not value:
        return []
    return [value[0]] if _is_pair(value) else list(value)


def _is_pair(value: Any) -> bool:
    """Whether this is how Odoo reads a many2one: the id and the name."""
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[1], str)
