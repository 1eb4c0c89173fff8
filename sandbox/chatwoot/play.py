"""Playing the people: a contact who writes over one of the four channels, and a person of the team who answers.

Contacts and conversations are made or found as each channel does (`facts` of v4.16.2): a phone number, a sender's
address, a widget's visitor, an API caller; a new WhatsApp conversation after a resolved one; a new one for each mail
that answers none; never a new one in the widget.
"""

import secrets
from datetime import datetime
from typing import Any

from sandbox.chatwoot.contacts import create_contact, find_contact, join_inbox
from sandbox.chatwoot.conversations import open_conversation
from sandbox.chatwoot.errors import not_found
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.records import INBOXES, Contact, ContactInbox, Conversation, Inbox, Message
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.writing import write_incoming, write_outgoing


async def incoming(
    sandbox: ChatwootSandbox,
    *,
    inbox: str,
    content: str | None,
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    identifier: str | None = None,
    contact_id: int | None = None,
    conversation_id: int | None = None,
    subject: str | None = None,
    verified: bool = False,
) -> Message:
    """A contact writes `content`. `inbox` is whatsapp, email, web or api; phone in E.164.

    `conversation_id` continues that one (for a mail: it answers it). `verified` is the widget's HMAC: the visitor is
    who he says. Raise `Refusal`: 404 for an unknown inbox, contact or conversation, 422 for what Chatwoot refuses.
    """
    where = next((known for known in INBOXES if known.kind == inbox), None)
    if where is None:
        raise not_found()
    conversation = sandbox.store.get(Conversation, conversation_id)
    if conversation_id is not None and (conversation is None or conversation.inbox_id != where.id):
        raise not_found()
    if conversation is None:
        contact = await _contact(
            sandbox, where, name=name, phone=phone, email=email, identifier=identifier, contact_id=contact_id
        )
        contact_inbox = await join_inbox(sandbox, contact, where, verified=verified)
        conversation = _continued(sandbox, where, contact) or await _begin(
            sandbox, where, contact, contact_inbox, subject=subject
        )
    contact = sandbox.store.the(Contact, conversation.contact_id)
    if where.kind == "email":
        return await _mail(sandbox, conversation, contact, content=content or "", subject=subject)
    return await write_incoming(
        sandbox,
        conversation,
        content=content,
        content_attributes={"in_reply_to": None} if where.kind == "web" else {},
        source_id=f"wamid.{secrets.token_hex(20).upper()}" if where.kind == "whatsapp" else None,
    )


async def person_writes(sandbox: ChatwootSandbox, *, conversation_id: int, content: str, private: bool = False) -> Message:
    """A person of the team answers in the dashboard, or leaves a private note. Raise `Refusal` (404, 422)."""
    conversation = sandbox.store.get(Conversation, conversation_id)
    if conversation is None:
        raise not_found()
    return await write_outgoing(sandbox, conversation, by=sandbox.person, content=content, private=private)


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
    found = find_contact(sandbox, **told)
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
    sandbox: ChatwootSandbox, inbox: Inbox, contact: Contact, contact_inbox: ContactInbox, *, subject: str | None
) -> Conversation:
    now = sandbox.clock.now()
    attributes: dict[str, Any] = {}
    if inbox.kind == "email":
        attributes = {
            "source": "email",
            "in_reply_to": None,
            "auto_reply": False,
            "mail_subject": subject or "(no subject)",
            "initiated_at": {"timestamp": iso(now)},
        }
    elif inbox.kind == "web":
        attributes = {
            "browser_language": "es",
            "browser": {
                "browser_name": "Chrome",
                "browser_version": "142.0.0.0",
                "device_name": "Unknown",
                "platform_name": "Windows",
                "platform_version": "10.0",
            },
            "initiated_at": {"timestamp": now.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)")},
            "referer": "https://proveedores.cordillera.example/",
        }
    return await open_conversation(sandbox, contact, contact_inbox, additional_attributes=attributes)


async def _mail(
    sandbox: ChatwootSandbox, conversation: Conversation, contact: Contact, *, content: str, subject: str | None
) -> Message:
    answered = next(
        (message.source_id for message in reversed(sandbox.store.messages(conversation.id)) if message.source_id), None
    )
    topic = conversation.additional_attributes.get("mail_subject") or "(no subject)"
    message_id = f"{secrets.token_hex(12)}@mail.{(contact.email or 'unknown.example').partition('@')[2]}"
    return await write_incoming(
        sandbox,
        conversation,
        content=content,
        content_type="incoming_email",
        content_attributes=_mail_attributes(
            content,
            sender=contact.email or "",
            mailbox=sandbox.config.mailbox,
            subject=subject or (f"Re: {topic}" if answered else topic),
            message_id=message_id,
            in_reply_to=answered,
            at=sandbox.clock.now(),
        ),
        source_id=message_id,
    )


def _mail_attributes(
    content: str, *, sender: str, mailbox: str, subject: str, message_id: str, in_reply_to: str | None, at: datetime
) -> dict[str, Any]:
    escaped = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    own_words = "\n".join(line for line in content.split("\n") if not line.startswith(">")).rstrip()
    return {
        "email": {
            "bcc": None,
            "cc": None,
            "content_type": 'multipart/alternative; boundary="sandbox"',
            "date": at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
            "from": [sender],
            "headers": None,
            "html_content": {"full": f'<div dir="ltr">{escaped}</div>', "reply": content, "quoted": own_words},
            "in_reply_to": in_reply_to,
            "message_id": message_id,
            "multipart": True,
            "number_of_attachments": 0,
            "references": [in_reply_to] if in_reply_to else [],
            "subject": subject,
            "text_content": {"full": content, "reply": content, "quoted": own_words},
            "to": [mailbox],
            "auto_reply": False,
        },
        "cc_email": None,
        "bcc_email": None,
    }
