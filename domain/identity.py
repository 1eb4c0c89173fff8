"""Who writes to us: channels, and the identifier that tells one person from another on each.

A missing phone or e-mail is normal. What a visitor merely claims (an e-mail typed into the web widget) identifies nobody;
only what the channel itself vouches for does: WhatsApp's number, a mail's sender, else Chatwoot's own contact. So two
anonymous visitors are two people, and never share an identity.
"""

import re
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from pydantic import Field

from domain.value import Value

#: How an identifier begins that is Chatwoot's contact alone, for want of a number or an address that the channel vouches for.
BY_CONTACT = "contact:"

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


class Channel(StrEnum):
    """How a supplier reaches us. `sdk` is a caller of the LangGraph API who speaks as a supplier."""

    WHATSAPP = "whatsapp"
    EMAIL = "email"
    WEB = "web"
    API = "api"
    SDK = "sdk"


class Sender(Value):
    """One person on one channel, as Chatwoot shows them. Phone in E.164 (`+56912345678`), e-mail lower-cased.

    Someone we are about to write to for the first time has no `contact_id` yet, and then must have a phone or e-mail.
    """

    channel: Channel
    account_id: int
    contact_id: int | None = None
    inbox_id: int | None = None
    chatwoot_conversation_id: int | None = Field(
        default=None, description="Where they wrote: it keeps its id when Chatwoot merges their contact into another."
    )
    name: str = ""
    phone: str | None = None
    email: str | None = None
    verified: bool = Field(default=False, description="The widget's HMAC proved who this is.")
    proven_email: str | None = Field(
        default=None, description="The address that it proved, where a site's identifiers are such."
    )

    @property
    def user_identifier(self) -> str:
        """What tells this person from any other on this channel and account."""
        if self.channel is Channel.WHATSAPP and self.phone:
            return self.phone
        if self.channel is Channel.EMAIL and self.email:
            return self.email
        return f"{BY_CONTACT}{self.contact_id}"


@lru_cache(maxsize=4096)  # the same numbers come with every message, and the library takes its time over each
def normal_phone(raw: str | None, *, region: str = "CL") -> str | None:
    """E.164 of a phone number as typed (`region` is assumed without a country code), or None if it is no number."""
    if not raw:
        return None
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_email(raw: str | None) -> str | None:
    """The address lower-cased and trimmed, or None if it is none."""
    address = (raw or "").strip().lower()
    return address if _ADDRESS.fullmatch(address) else None
