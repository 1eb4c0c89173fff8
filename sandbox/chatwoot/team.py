"""What the company's side writes in Chatwoot beside us: a person, the phone's own app, automations and Chatwoot itself."""

import secrets
from typing import Any, Literal, get_args

from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.payloads import inbox_of
from sandbox.chatwoot.records import Conversation, Message, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.writing import write_outgoing

#: `person` in the dashboard; `phone_app`: someone with the company's own phone; an `automation` rule; a `template` of
#: Chatwoot's own (greeting, out of office, e-mail collection, rating).
Writer = Literal["person", "phone_app", "automation", "template"]


async def team_writes(
    sandbox: ChatwootSandbox,
    *,
    conversation_id: int,
    content: str,
    private: bool = False,
    writer: Writer = "person",
    content_type: str = "text",
    content_attributes: dict[str, Any] | None = None,
) -> Message:
    """Write publicly, or a private note. Only a person is told as the sender. Raise `Refusal` (404, 422)."""
    conversation = sandbox.store.get(Conversation, conversation_id)
    if conversation is None:
        raise not_found()
    if writer not in get_args(Writer):
        raise unprocessable(f"as is one of {', '.join(get_args(Writer))}")
    attributes = dict(content_attributes or {})
    source_id = None
    if writer == "phone_app":
        if inbox_of(conversation.inbox_id).kind != "whatsapp":
            raise unprocessable("Only WhatsApp has a phone's own app")
        # It has its id from the channel already, so Chatwoot does not send it.
        attributes["external_echo"], source_id = True, f"wamid.{secrets.token_hex(20).upper()}"
    elif writer == "automation":
        attributes["automation_rule_id"] = 4
    return await write_outgoing(
        sandbox,
        conversation,
        by=sandbox.person if writer == "person" else None,
        content=content,
        message_type=MessageType.TEMPLATE if writer == "template" else MessageType.OUTGOING,
        private=private,
        content_type=content_type,
        content_attributes=attributes,
        source_id=source_id,
        status="delivered" if writer == "phone_app" else "sent",
    )


async def person_writes(sandbox: ChatwootSandbox, *, conversation_id: int, content: str, private: bool = False) -> Message:
    """A person of the team answers in the dashboard, or leaves a private note. Raise `Refusal` (404, 422)."""
    return await team_writes(sandbox, conversation_id=conversation_id, content=content, private=private)
