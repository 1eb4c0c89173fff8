"""Companies that we buy from, as Odoo knows them, and what the bridge may ask of Odoo: who somebody is, nothing else."""

from typing import Protocol

from domain.value import Value


class Partner(Value):
    """A `res.partner` that we buy from. `lang` is Odoo's code such as `es_CL`; phone in E.164, e-mail lower-cased."""

    partner_id: int
    name: str
    phone: str | None = None
    email: str | None = None
    lang: str | None = None


class PartnerDirectory(Protocol):
    """Looks companies up. Both methods raise `UpstreamError` while Odoo does not answer."""

    async def find_partners(self, *, phone: str | None = None, email: str | None = None) -> list[Partner]:
        """Companies with exactly this phone (E.164) or e-mail; a contact's match answers its company."""
        ...

    async def get_partner(self, partner_id: int) -> Partner:
        """Raises `NotFound`."""
        ...
