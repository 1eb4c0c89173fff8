"""Suppliers, as a real Odoo knows them.

A supplier is always a company (Odoo's commercial partner), though the number or address that matched may be a contact's. Phones
are compared in Odoo's `phone_sanitized`, because `phone` is kept as typed.
"""

from typing import Any

from domain.errors import NotFound
from domain.partners import Partner
from tools.odoo.mapping import to_partner
from tools.odoo.orders import of_partner, vendor_field
from tools.odoo.transport import OdooTransport

_PARTNER_FIELDS = ["name", "phone_sanitized", "email_normalized", "lang", "supplier_rank"]


def find_partners(odoo: OdooTransport, *, phone: str | None, email: str | None) -> list[Partner]:
    """See `OdooOrderManager.find_partners`."""
    asked = [("phone_sanitized", phone)] if phone else []
    asked += [("email_normalized", email.strip().lower())] if email else []
    if not asked:
        return []
    domain: list[Any] = ["|"] * (len(asked) - 1) + [(name, "=", value) for name, value in asked]
    matches = odoo.call("res.partner", "search_read", domain, fields=["commercial_partner_id"])
    companies = sorted({match["commercial_partner_id"][0] for match in matches if match["commercial_partner_id"]})
    records = odoo.call("res.partner", "search_read", [("id", "in", companies)], fields=_PARTNER_FIELDS, order="id")
    return [to_partner(record) for record in records if record["supplier_rank"] > 0 or _sells(odoo, record["id"])]


def get_partner(odoo: OdooTransport, partner_id: int) -> Partner:
    """Raises `NotFound`, also for an archived partner."""
    records = odoo.call("res.partner", "search_read", [("id", "=", partner_id)], fields=_PARTNER_FIELDS)
    if not records:
        raise NotFound(f"Partner {partner_id}.")
    return to_partner(records[0])


def _sells(odoo: OdooTransport, partner_id: int) -> bool:
    """Whether a partner without Odoo's vendor mark was ever ordered from or has a price list (bills set the mark)."""
    return bool(
        odoo.call("purchase.order", "search_count", of_partner(partner_id))
        or odoo.call("product.supplierinfo", "search_count", of_partner(partner_id, vendor_field(odoo)))
    )
