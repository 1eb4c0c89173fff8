"""Odoo as the bridge may ask it: who somebody is. Reached when it is first needed, so that a bridge starts without Odoo."""

import asyncio

from domain.partners import Partner
from po_agent.composition import process_odoo


class ProcessPartners:
    """The `PartnerDirectory` of this process's Odoo."""

    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        """See `PartnerDirectory`."""
        odoo = await asyncio.to_thread(process_odoo)
        return await odoo.find_partners(phone=phone, email=email)

    async def get_partner(self, partner_id: int) -> Partner:
        """See `PartnerDirectory`."""
        odoo = await asyncio.to_thread(process_odoo)
        return await odoo.get_partner(partner_id)
