"""Making the draft bill of an order.

Odoo 19 refuses no bill: where nothing is left to bill it makes an empty one of 0.00. So quantities are looked at first. Two
processes that bill at the same moment can both pass that look; then one bill has everything and the other is empty. Both
answer the full one. The empty draft stays for people, because a plain buyer may neither cancel nor should delete it.
"""

import structlog

from tools.odoo.mapping import to_bill
from tools.odoo.orders import read_order
from tools.odoo.port import Bill
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
            log.warning("odoo_empty_bill", order=order.name, bill=made, advice="delete this draft in Odoo")
    [record] = odoo.call("purchase.order", "read", [order_id], ["invoice_ids"])
    bills = odoo.call(
        "account.move",
        "search_read",
        [
            ("id", "in", _with_goods(odoo, record["invoice_ids"])),
            ("move_type", "=", "in_invoice"),
            ("state", "!=", "cancel"),
        ],
        fields=["state", "amount_total", "currency_id"],
        order="id desc",
        limit=1,
    )
    if not bills:
        raise nothing_to_bill(order)
    return to_bill(bills[0])


def _with_goods(odoo: OdooTransport, bill_ids: list[int]) -> list[int]:
    """Those bills that bill a quantity of an order's line."""
    lines = odoo.call(
        "account.move.line",
        "search_read",
        [("move_id", "in", bill_ids), ("purchase_line_id", "!=", False), ("quantity", ">", 0)],
        fields=["move_id"],
    )
    return sorted({line["move_id"][0] for line in lines})
