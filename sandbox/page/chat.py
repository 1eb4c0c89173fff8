"""The conversation as the supplier's phone shows it, out of the stand-in for Chatwoot; private notes are not for him."""

from collections.abc import Mapping
from typing import Any

from sandbox.chatwoot.contacts import find_contact
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.play import latest_conversation
from sandbox.chatwoot.records import Contact, Conversation, Message, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox

Json = dict[str, Any]

CHANNELS = ("whatsapp", "email", "web", "api")


def identity(supplier: Mapping[str, Any], channel: str) -> dict[str, str | None]:
    """What the channel knows of the supplier: a number, an address, or (web, API) who has signed in."""
    if channel == "whatsapp":
        return {"phone_number": supplier.get("phone")}
    if channel == "email":
        return {"email": supplier.get("email")}
    return {"identifier": supplier.get("email") or f"supplier-{supplier['key']}", "email": supplier.get("email")}


def contacts_of(sandbox: ChatwootSandbox, supplier: Mapping[str, Any]) -> list[Contact]:
    """All contacts that are this supplier on some channel."""
    found = (find_contact(sandbox, **identity(supplier, channel)) for channel in CHANNELS)
    return list({contact.id: contact for contact in found if contact}.values())


def conversation_of(sandbox: ChatwootSandbox, supplier: Mapping[str, Any], channel: str) -> Conversation | None:
    """The supplier's newest Chatwoot conversation on this channel."""
    return latest_conversation(sandbox, channel, find_contact(sandbox, **identity(supplier, channel)))


def chat_view(sandbox: ChatwootSandbox, conversation: Conversation | None) -> Json:
    """What the supplier sees. Typing shows in the web chat only: WhatsApp and mail never get it."""
    if conversation is None:
        return {"conversation_id": None, "messages": [], "typing": False, "subject": ""}
    public = [
        message
        for message in sandbox.store.messages(conversation.id)
        if not message.private and message.message_type is not MessageType.ACTIVITY and message.status != "failed"
    ]
    return {
        "conversation_id": conversation.id,
        "messages": [_bubble(sandbox, conversation, message, public) for message in public[-100:]],
        "typing": conversation.id in sandbox.typing,
        "subject": str(conversation.additional_attributes.get("mail_subject") or ""),
    }


def team_view(sandbox: ChatwootSandbox, conversation: Conversation | None) -> list[Json]:
    """What only the team sees: private notes, activities, and messages that did not go out."""
    if conversation is None:
        return []
    hidden = [
        message
        for message in sandbox.store.messages(conversation.id)
        if message.private or message.message_type is MessageType.ACTIVITY or message.status == "failed"
    ]
    return [_note(sandbox, message) for message in hidden[-30:]]


def _bubble(sandbox: ChatwootSandbox, conversation: Conversation, message: Message, public: list[Message]) -> Json:
    mine = message.message_type is MessageType.INCOMING
    member = sandbox.member(message.sender_type, message.sender_id)
    mail = message.content_attributes.get("email") or {}
    deleted = bool(message.content_attributes.get("deleted"))
    return {
        "id": message.id,
        "mine": mine,
        "content": message.content or "",
        "deleted": deleted,
        "subject": str(mail.get("subject") or ""),
        "who": "" if mine else ("person" if member == sandbox.person else "agent"),
        "who_name": sandbox.person.name if member == sandbox.person else "",
        "at": iso(message.created_at),
        "status": _own_status(sandbox, conversation, message, public) if mine and not deleted else "",
    }


def _own_status(sandbox: ChatwootSandbox, conversation: Conversation, message: Message, public: list[Message]) -> str:
    """Read once it was answered or seen; delivered once the bridge took the webhook; else sent."""
    seen = conversation.agent_last_seen_at
    answered = any(other.id > message.id and other.message_type is MessageType.OUTGOING for other in public)
    if answered or (seen is not None and seen >= message.created_at):
        return "read"
    return "delivered" if sandbox.webhooks.reached_subscriber(message.id) else "sent"


def _note(sandbox: ChatwootSandbox, message: Message) -> Json:
    member = sandbox.member(message.sender_type, message.sender_id)
    kind = "note" if message.private else "failed" if message.status == "failed" else "activity"
    return {
        "id": message.id,
        "kind": kind,
        "who": member.name if member else "",
        "content": message.content or "",
        "error": str(message.content_attributes.get("external_error") or ""),
        "at": iso(message.created_at),
    }
