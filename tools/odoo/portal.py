"""The page on which a supplier sees an order of its own without a login: Odoo's portal, opened by the order's token.

Odoo says itself under which address it is known outside (`web.base.url`). An address of its own machine, which it has until
somebody sets a better one, is none that a supplier could open.
"""

from urllib.parse import urlsplit
from uuid import uuid4
from weakref import WeakKeyDictionary

from tools.odoo.transport import OdooTransport

#: One answer for each Odoo and the life of the process: a status question should cost one call, not two.
_bases: WeakKeyDictionary[OdooTransport, str] = WeakKeyDictionary()

_NOWHERE = {"", "localhost", "127.0.0.1", "0.0.0.0", "::1"}  # noqa: S104 (compared with, not bound to)


def portal_base(odoo: OdooTransport, order_id: int) -> str | None:
    """The address before `/my/purchase/…`, or None if Odoo has none that is known outside. Any order will do to ask."""
    if odoo not in _bases:
        _bases[odoo] = str(odoo.call("purchase.order", "get_base_url", [order_id])).rstrip("/")
    base = _bases[odoo]
    return None if (urlsplit(base).hostname or "") in _NOWHERE else base


def new_token() -> str:
    """A token for a new order, made as Odoo makes its own: with it the page exists from the start."""
    return str(uuid4())
