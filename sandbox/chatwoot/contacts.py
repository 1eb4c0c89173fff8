"""Contacts and how inboxes know them: made, found, and given the `source_id` that each channel uses."""

import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.chatwoot import events
from sandbox.chatwoot.errors import record_invalid, unprocessable
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.records import Contact, ContactInbox, Inbox
from sandbox.chatwoot.sandbox import ChatwootSandbox

_E164 = re.compile(r"^\+[1-9]\d{1,14}$")
_WHATSAPP_SOURCE = re.compile(r"^\d{1,15}$|^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$")


async def create_contact(
    sandbox: ChatwootSandbox,
    *,
    name: str,
    phone_number: str | None = None,
    email: str | None = None,
    identifier: str | None = None,
) -> Contact:
    """A new contact. Raise `Refusal` (422) if phone, e-mail or identifier is malformed or another contact's."""
    email = email.strip().lower() if email else None
    _check_unique(sandbox, {"email": email, "phone_number": phone_number, "identifier": identifier})
    now = sandbox.clock.now()
    contact = Contact(
        id=sandbox.store.next_id(Contact),
        name=name,
        phone_number=phone_number or None,
        email=email,
        identifier=identifier or None,
        created_at=now,
        updated_at=now,
    )
    await sandbox.store.save(contact)
    events.contact_created(sandbox, contact)
    return contact


async def change_contact(sandbox: ChatwootSandbox, contact: Contact, values: dict[str, Any]) -> None:
    """Set some attributes. Raise `Refusal` (422) as `create_contact` does."""
    if isinstance(values.get("email"), str):
        values = values | {"email": values["email"].strip().lower()}
    changes: events.Changes = {
        name: (getattr(contact, name), value) for name, value in values.items() if getattr(contact, name) != value
    }
    _check_unique(sandbox, {name: values.get(name) for name in ("email", "phone_number", "identifier") if name in changes})
    if not changes:
        return
    for name, (_, value) in changes.items():
        setattr(contact, name, value)
    before, contact.updated_at = contact.updated_at, sandbox.clock.now()
    await sandbox.store.save(contact)
    events.contact_updated(sandbox, contact, {"updated_at": (iso(before), iso(contact.updated_at))} | changes)


def _check_unique(sandbox: ChatwootSandbox, known_by: Mapping[str, str | None]) -> None:
    phone_number = known_by.get("phone_number")
    if phone_number and not _E164.match(phone_number):
        raise record_invalid("Phone number should be in e164 format", "phone_number")
    for attribute, value in known_by.items():
        if value and find_contact(sandbox, **{attribute: value}):
            label = attribute.replace("_", " ").capitalize()
            raise record_invalid(f"{label} has already been taken", attribute)


def find_contact(
    sandbox: ChatwootSandbox,
    *,
    identifier: str | None = None,
    email: str | None = None,
    phone_number: str | None = None,
) -> Contact | None:
    """The contact with this identifier, else this e-mail, else this phone (the widget's order of trust)."""
    wanted = (
        ("identifier", identifier),
        ("email", email.strip().lower() if email else None),
        ("phone_number", phone_number),
    )
    for attribute, value in wanted:
        for contact in sandbox.store.all(Contact):
            if value and getattr(contact, attribute) == value:
                return contact
    return None


def search_contacts(sandbox: ChatwootSandbox, text: str) -> list[Contact]:
    """Chatwoot's search: a substring of name, e-mail, phone or identifier, case ignored."""
    needle = text.strip().lower()
    return [
        contact
        for contact in sandbox.store.all(Contact)
        if any(
            needle in (value or "").lower() for value in (contact.name, contact.email, contact.phone_number, contact.identifier)
        )
    ]


async def join_inbox(
    sandbox: ChatwootSandbox, contact: Contact, inbox: Inbox, *, source_id: str | None = None, verified: bool = False
) -> ContactInbox:
    """The contact in this inbox, made if need be (`contact_inbox_builder.rb`).

    Raise `Refusal` (422) if the channel needs a phone or an e-mail that the contact lacks, or refuses the source id.
    """
    for known in sandbox.store.all(ContactInbox):
        if known.contact_id == contact.id and known.inbox_id == inbox.id and source_id in (None, known.source_id):
            if verified and not known.hmac_verified:
                known.hmac_verified = True
                await sandbox.store.save(known)
            return known
    source_id = source_id or _source_id(contact, inbox)
    if inbox.kind == "whatsapp" and not _WHATSAPP_SOURCE.match(source_id):
        raise record_invalid(
            f"Source invalid source id for whatsapp inbox. valid Regex {_WHATSAPP_SOURCE.pattern}", "source_id"
        )
    if any(row.inbox_id == inbox.id and row.source_id == source_id for row in sandbox.store.all(ContactInbox)):
        raise unprocessable("source_id should be unique")
    now = sandbox.clock.now()
    contact_inbox = ContactInbox(
        id=sandbox.store.next_id(ContactInbox),
        contact_id=contact.id,
        inbox_id=inbox.id,
        source_id=source_id,
        hmac_verified=verified,
        pubsub_token=secrets.token_urlsafe(18),
        created_at=now,
        updated_at=now,
    )
    await sandbox.store.save(contact_inbox)
    return contact_inbox


def _source_id(contact: Contact, inbox: Inbox) -> str:
    if inbox.kind == "whatsapp":
        if not contact.phone_number:
            raise unprocessable("param is missing or the value is empty or invalid: contact phone number")
        return contact.phone_number.removeprefix("+")
    if inbox.kind == "email":
        if not contact.email:
            raise unprocessable("param is missing or the value is empty or invalid: contact email")
        return contact.email
    return str(uuid.uuid4())
