"""Playing a contact who writes over one of the four channels.

Contacts and conversations are made or found as each channel does (`facts` of v4.16.2): a phone number, a sender's
address, a widget's visitor, an API caller; a new WhatsApp conversation after a resolved one; a new one for each mail
that answers none; never a new one in the widget.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.chatwoot.contacts import create_contact, find_contact, join_inbox
from sandbox.chatwoot.conversations import open_conversation
from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.mail import Mail, html_as_text, incoming_mail_attributes
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.records import INBOXES, Attachment, Contact, ContactInbox, Conversation, Inbox, Message
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.widget import visit
from sandbox.chatwoot.writing import write_incoming


async def incoming(
    sandbox: ChatwootSandbox,
    *,
    inbox: str,
    content: str | None,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    identifier: str | None = None,
    source_id: str | None = None,
    contact_id: int | None = None,
    conversation_id: int | None = None,
    subject: str | None = None,
    mail: Mail | None = None,
    verified: bool = False,
    content_attributes: dict[str, Any] | None = None,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """A contact writes `content`. `inbox` is whatsapp, email, web or api; phone in E.164.

    `conversation_id` continues that one (for a mail: it answers it). `source_id` is how the channel itself knows the
    contact, such as the BSUID of someone without a phone number on WhatsApp. `verified` is the widget's HMAC: the visitor
    is who he says. Raise `Refusal`: 404 for an unknown inbox, contact or conversation, 422 for what Chatwoot refuses, and
    for a blocked contact, whose messages it drops.
    """
    where = next((known for known in INBOXES if known.kind == inbox), None)
    if where is None:
        raise not_found()
    mail = mail or Mail()
    conversation = sandbox.store.get(Conversation, conversation_id)
    if conversation_id is not None and (conversation is None or conversation.inbox_id != where.id):
        raise not_found()
    if conversation is None:
        contact = await _contact(
            sandbox,
            where,
            name=name,
            phone=phone,
            email=email,
            identifier=identifier,
            source_id=source_id,
            contact_id=contact_id,
        )
        _refuse_if_blocked(contact)
        contact_inbox = await join_inbox(sandbox, contact, where, source_id=source_id, verified=verified)
        conversation = _continued(sandbox, where, contact) or await _begin(
            sandbox, where, contact, contact_inbox, subject=subject, auto_reply=mail.auto_reply
        )
    contact = sandbox.store.the(Contact, conversation.contact_id)
    _refuse_if_blocked(contact)
    if where.kind == "email":
        return await _mail(
            sandbox, conversation, contact, content=content or "", subject=subject, mail=mail, attachments=attachments
        )
    return await write_incoming(
        sandbox,
        conversation,
        content=content,
        content_attributes=({"in_reply_to": None} if where.kind == "web" else {}) | (content_attributes or {}),
        source_id=f"wamid.{secrets.token_hex(20).upper()}" if where.kind == "whatsapp" else None,
        attachments=attachments,
    )


def _refuse_if_blocked(contact: Contact) -> None:
    if contact.blocked:
        raise unprocessable("The contact is blocked: Chatwoot drops what he writes.")


def latest_conversation(sandbox: ChatwootSandbox, inbox: str, contact: Contact | None) -> Conversation | None:
    """The contact's newest conversation in this inbox, or None."""
    found = [
        conversation
        for conversation in sandbox.store.all(Conversation)
        if contact is not None
        and conversation.contact_id == contact.id
        and conversation.inbox_id == next(known.id for known in INBOXES if known.kind == inbox)
    ]
    return found[-1] if found else None


async def _contact(
    sandbox: ChatwootSandbox,
    inbox: Inbox,
    *,
    name: str | None,
    phone: str | None,
    email: str | None,
    identifier: str | None,
    source_id: str | None,
    contact_id: int | None,
) -> Contact:
    if contact_id is not None:
        known = sandbox.store.get(Contact, contact_id)
        if known is None:
            raise not_found()
        return known
    # WhatsApp vouches for a number only, a mail for its sender only; widget and API pass on what they were told.
    told: dict[str, str | None]
    if inbox.kind == "whatsapp":
        told = {"phone_number": phone}
    elif inbox.kind == "email":
        told = {"email": email}
    else:
        told = {"identifier": identifier, "email": email, "phone_number": phone}
    joined = next(
        (row for row in sandbox.store.all(ContactInbox) if (row.inbox_id, row.source_id) == (inbox.id, source_id)), None
    )
    found = sandbox.store.the(Contact, joined.contact_id) if joined else find_contact(sandbox, **told)
    if found is None:
        return await create_contact(sandbox, name=name or email or phone or _visitor_name(), **told)
    if identifier and inbox.kind in ("web", "api") and found.identifier is None:
        found.identifier = identifier
        await sandbox.store.save(found)
    return found


def _visitor_name() -> str:
    first = secrets.choice(("quiet", "misty", "young", "green", "late"))
    second = secrets.choice(("field", "river", "forest", "hill", "snow"))
    return f"{first}-{second}-{secrets.randbelow(900) + 100}"


def _continued(sandbox: ChatwootSandbox, inbox: Inbox, contact: Contact) -> Conversation | None:
    last = latest_conversation(sandbox, inbox.kind, contact)
    if last is None or inbox.kind == "email":
        return None
    return last if inbox.kind == "web" or last.status != "resolved" else None


async def _begin(
    sandbox: ChatwootSandbox,
    inbox: Inbox,
    contact: Contact,
    contact_inbox: ContactInbox,
    *,
    subject: str | None,
    auto_reply: bool,
) -> Conversation:
    now = sandbox.clock.now()
    attributes: dict[str, Any] = {}
    if inbox.kind == "email":
        attributes = {
            "source": "email",
            "in_reply_to": None,
            "auto_reply": auto_reply,
            "mail_subject": subject or "(no subject)",
            "initiated_at": {"timestamp": iso(now)},
        }
    elif inbox.kind == "web":
        attributes = visit(now)
    return await open_conversation(sandbox, contact, contact_inbox, additional_attributes=attributes)


async def _mail(
    sandbox: ChatwootSandbox,
    conversation: Conversation,
    contact: Contact,
    *,
    content: str,
    subject: str | None,
    mail: Mail,
    attachments: Sequence[Attachment],
) -> Message:
    answers = next(
        (message.source_id for message in reversed(sandbox.store.messages(conversation.id)) if message.source_id), None
    )
    topic = conversation.additional_attributes.get("mail_subject") or "(no subject)"
    sender = mail.sender or contact.email or ""
    message_id = f"{secrets.token_hex(12)}@mail.{sender.partition('@')[2] or 'unknown.example'}"
    attributes = incoming_mail_attributes(
        content,
        mail,
        sender=sender,
        mailbox=sandbox.config.mailbox,
        subject=subject or (f"Re: {topic}" if answers else topic),
        message_id=message_id,
        answers=answers,
        at=sandbox.clock.now(),
    )
    attributes["email"]["number_of_attachments"] = len(attachments)
    return await write_incoming(
        sandbox,
        conversation,
        content=content or html_as_text(mail.html or ""),
        content_type="incoming_email",
        content_attributes=attributes,
        source_id=message_id,
        attachments=attachments,
    )
