"""Who wrote: from what the channel vouches for, never from what a visitor merely claims.

A contact's phone and e-mail in Chatwoot can be typed into the web widget, so on WhatsApp the number is
`contact_inbox.source_id` (digits without "+") before it is the contact's; a person known only by user name has a BSUID
there, and no number need exist. For a mail Chatwoot always shows the conversation's contact as sender, also when
someone else answered in the thread (`mailbox_helper.rb`), so the mail's own `from` decides. All others are known by
their contact.
"""

import re
from typing import Any

from domain.identity import Channel, Sender, normal_email, normal_phone
from webhook_bridge.chatwoot.decoding import NotUnderstood
from webhook_bridge.chatwoot.wire import WireMessage, WirePerson

CHANNELS = {
    "Channel::Whatsapp": Channel.WHATSAPP,
    "Channel::Email": Channel.EMAIL,
    "Channel::WebWidget": Channel.WEB,
    "Channel::Api": Channel.API,
}
"""Chatwoot's channels that we listen to; it has others (Telegram, SMS, Facebook …)."""

_DIGITS = re.compile(r"[0-9]{5,20}")


def resolve_sender(message: WireMessage, channel: Channel) -> Sender:
    """The contact of the message's conversation, with phone and e-mail normalised where there are any.

    Raise `NotUnderstood` if the payload names no contact at all.
    """
    contact = _contact(message)
    contact_inbox = message.conversation.contact_inbox
    source_id = (contact_inbox.source_id if contact_inbox else None) or ""
    name, phone, email = contact.name or "", normal_phone(contact.phone_number), normal_email(contact.email)
    known_as: int | None = contact.id
    if channel is Channel.WHATSAPP and _DIGITS.fullmatch(source_id):
        phone = normal_phone(f"+{source_id}") or phone
    if channel is Channel.EMAIL:
        wrote = _mail_sender(message.attributes.get("email"), contact_email=email) or email or normal_email(source_id)
        if email is not None and wrote != email:
            # Someone else answered in this contact's thread: a person of their own, not this contact.
            name, known_as = "", None
        email = wrote
    is_verified = bool(contact_inbox and contact_inbox.hmac_verified)
    return Sender(
        channel=channel,
        account_id=message.account.id,
        contact_id=known_as,
        inbox_id=message.inbox.id,
        chatwoot_conversation_id=message.conversation.id,
        name=name,
        phone=phone,
        email=email,
        verified=is_verified,
        # The HMAC signs the identifier alone: whoever is signed in may still claim any e-mail.
        proven_email=normal_email(contact.identifier) if is_verified else None,
    )


def contact_id(message: WireMessage) -> int:
    """The contact of the conversation; a merge of contacts changes it. Raise `NotUnderstood` if there is none."""
    return _contact(message).id


def _contact(message: WireMessage) -> WirePerson:
    """The conversation's contact, with the details of whichever part of the payload shows that same contact."""
    shown = message.conversation.meta.sender
    contact_inbox = message.conversation.contact_inbox
    if contact_inbox is None:
        if shown is None:
            raise NotUnderstood("The conversation has no contact.")
        return shown
    candidates = [message.sender if message.message_type == "incoming" else None, shown]
    for person in candidates:
        if person and person.id == contact_inbox.contact_id and person.type in (None, "contact"):
            return person
    return WirePerson(id=contact_inbox.contact_id)


def _mail_sender(mail: Any, *, contact_email: str | None) -> str | None:
    """Who sent this mail. `from` holds Reply-To, or else From; a mailing list's original sender is in the headers."""
    if not isinstance(mail, dict):
        return None
    listed = mail.get("from")
    addresses = [normal_email(item) for item in (listed if isinstance(listed, list) else []) if isinstance(item, str)]
    headers = mail.get("headers")
    original = headers.get("x-original-sender") if isinstance(headers, dict) else None
    known = [*addresses, normal_email(original) if isinstance(original, str) else None]
    if contact_email and contact_email in known:
        return contact_email
    return next((address for address in known if address), None)
