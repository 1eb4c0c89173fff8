"""Internal notes at an order in a real Odoo: for people, never for the supplier.

Odoo escapes a plain text by itself, and a note of this subtype reaches followers from inside the company only. Its message id
is made of the key, so that a note which stands there already is found; Odoo does not keep such ids apart by itself.
"""

from tools.odoo.orders import read_order
from tools.odoo.rules import check_key
from tools.odoo.transport import OdooTransport


def post_note(odoo: OdooTransport, order_id: int, *, partner_id: int, text: str, key: str) -> None:
    """See `OdooOrderManager.post_note`."""
    check_key(key)
    order = read_order(odoo, order_id, partner_id=partner_id)
    message_id = f"<{key}@purchase-order-agent>"
    about = [("model", "=", "purchase.order"), ("res_id", "=", order.order_id), ("message_id", "=", message_id)]
    if odoo.call("mail.message", "search_count", about):
        return
    odoo.call(
        "purchase.order", "message_post", [order.order_id], body=text, subtype_xmlid="mail.mt_note", message_id=message_id
    )
