"""Marking an RFQ as sent. Our own channel carried it: Odoo mails nothing, which this way of marking sees to."""

from domain.orders import Order, OrderState
from tools.odoo.orders import read_order
from tools.odoo.port import OdooRefused
from tools.odoo.rules import check_not_cancelled
from tools.odoo.transport import OdooTransport


def mark_sent(odoo: OdooTransport, order: Order) -> Order:
    """See `OdooOrderManager.send_rfq`; `order` as read just now."""
    check_not_cancelled(order, "sent")
    if order.state is not OrderState.DRAFT:
        return order
    post_sent(odoo, order.order_id)
    return check_sent(read_order(odoo, order.order_id, partner_id=order.partner_id))


def post_sent(odoo: OdooTransport, order_id: int) -> None:
    """Mark a draft as sent, which says so in its history."""
    odoo.call(
        "purchase.order",
        "message_post",
        [order_id],
        body="Sent to the supplier by the purchase-order agent.",
        context={"mark_rfq_as_sent": True},
    )


def check_sent(order: Order) -> Order:
    """The order, read again after it was marked. Raises `OdooRefused` if it is a draft still."""
    if order.state is OrderState.DRAFT:
        raise OdooRefused(f"Odoo did not mark {order.name} as sent: it is {order.state}.")
    return order
