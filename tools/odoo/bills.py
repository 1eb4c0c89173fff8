"""The draft bill of an order, and the bills of a supplier.

Odoo 19 refuses no bill: where nothing is left to bill it makes an empty one of 0.00. So quantities are looked at first. Two
processes that bill at the same moment can both pass that look; then one bill has everything and the other is empty. Both
answer the full one, and the empty draft is taken away again, where our user may do that: a plain buyer may not.
"""

import structlog

from domain.bills import Bill
from tools.odoo.mapping import to_bill
from tools.odoo.orders import of_partner, read_order
from tools.odoo.port import OdooForbidden
from tools.odoo.reading import Ask, Related, only_known, plain, search_nested
from tools.odoo.rules import check_billable, nothing_to_bill
from tools.odoo.transport import OdooTransport

log = structlog.get_logger(__name__)


def create_bill(odoo: OdooTransport, order_id: int, *, partner_id: int) -> Bill:
    """See `OdooOrderManager.create_bill`."""
    order = read_order(odoo, order_id, partner_id=partner_id)
    check_billable(order)
    lines = odoo.call("purchase.order.line", "search_read", [("order_id", "=", order_id)], fields=["qty_to_invoice"])
    if any(line["qty_to_invoice"] > 0 for line in lines):
        action = odoo.call("purchase.order", "action_create_invoice", [order_id])
        made = action.get("res_id")
        if made and not _with_goods(odoo, [made]):
            _take_away(odoo, made, order.name)
    [record] = odoo.call("purchase.order", "read", [order_id], ["invoice_ids"])
    bills = search_nested(
        odoo,
        "account.move",
        [
            ("id", "in", _with_goods(odoo, record["invoice_ids"])),
            ("move_type", "=", "in_invoice"),
            ("state", "!=", "cancel"),
        ],
        _ask(odoo),
        order="id desc",
        limit=1,
    )
    if not bills:
        raise nothing_to_bill(order)
    return to_bill(bills[0])


def list_bills(odoo: OdooTransport, *, partner_id: int, limit: int) -> list[Bill]:
    """See `OdooOrderManager.list_bills`."""
    bills = [("move_type", "=", "in_invoice"), *of_partner(partner_id)]
    found = search_nested(odoo, "account.move", bills, _ask(odoo), order="id desc", limit=limit)
    return [to_bill(record) for record in found]


def _ask(odoo: OdooTransport) -> Ask:
    bill = {
        **plain("name", "ref", "state", "payment_state", "amount_total", "amount_residual", "invoice_date"),
        **plain("invoice_date_due"),
        "currency_id": Related("res.currency", plain("name")),
        "invoice_line_ids": Related("account.move.line", {"purchase_order_id": Related("purchase.order", plain("name"))}),
    }
    return only_known(odoo, "account.move", bill)


def _take_away(odoo: OdooTransport, bill_id: int, order_name: str) -> None:
    """Delete an empty draft that we made a moment ago."""
    try:
        odoo.call("account.move", "unlink", [bill_id])
    except OdooForbidden:
        log.warning("odoo_empty_bill", order=order_name, bill=bill_id, advice="delete this draft in Odoo")


def _with_goods(odoo: OdooTransport, bill_ids: list[int]) -> list[int]:
    """Those bills that bill a quantity of an order's line."""
    lines = odoo.call(
        "account.move.line",
        "search_read",
        [("move_id", "in", bill_ids), ("purchase_line_id", "!=", False), ("quantity", ">", 0)],
        fields=["move_id"],
    )
    return sorted({line["move_id"][0] for line in lines})
