"""What the channels do with an outgoing message after Chatwoot has answered 200: take it, deliver it, or refuse it.

WhatsApp: `source_id` (the wamid), then delivered, then read; outside the 24-hour window `failed` with the reason.
E-mail: a Message-ID. Web widget and API: nothing more. An outgoing message that already has a `source_id` is taken as coming
from the channel and is never delivered on WhatsApp and e-mail (`base/send_on_channel_service.rb`, v4.16.2).
"""

import asyncio
import secrets

from sandbox.chatwoot import events
from sandbox.chatwoot.payloads import can_reply, inbox_of
from sandbox.chatwoot.records import Conversation, Message, MessageState, MessageType
from sandbox.chatwoot.sandbox import ChatwootSandbox

WINDOW_CLOSED = (
    "Message not sent because the WhatsApp 24-hour customer service window is closed and no template parameters "
    "were provided. Send an approved template message instead."
)
TEMPLATE_UNKNOWN = "Template not found or invalid template name"


def deliver_later(sandbox: ChatwootSandbox, message: Message) -> None:
    """Hand an outgoing message to its channel, in the background."""
    if _goes_out(message):
        sandbox.in_background(_deliver(sandbox, message))


def resume_deliveries(sandbox: ChatwootSandbox) -> None:
    """Take up what a stop interrupted: Chatwoot's jobs are kept over a restart too."""
    for message in sandbox.store.all(Message):
        if message.status == "sent":
            deliver_later(sandbox, message)


def _goes_out(message: Message) -> bool:
    return (
        message.message_type in (MessageType.OUTGOING, MessageType.TEMPLATE)
        and not message.private
        and message.source_id is None
        and not message.content_attributes.get("deleted")
        and inbox_of(message.inbox_id).kind in ("whatsapp", "email")
    )


async def _deliver(sandbox: ChatwootSandbox, message: Message) -> None:
    pause = sandbox.config.receipt_seconds
    await asyncio.sleep(pause / 2)
    if message.source_id is not None or message.status == "failed":
        return  # A receipt was played meanwhile.
    refusal = _refusal(sandbox, message)
    if refusal is not None:
        await fail(sandbox, message, refusal)
        return
    if sandbox.faults.hold_receipts:
        return
    if inbox_of(message.inbox_id).kind == "email":
        conversation = sandbox.store.the(Conversation, message.conversation_id)
        domain = sandbox.config.mailbox.partition("@")[2]
        await _update(sandbox, message, source_id=f"conversation/{conversation.uuid}/messages/{message.id}@{domain}")
        return
    await _update(sandbox, message, source_id=_wamid())
    for status in ("delivered", "read"):
        await asyncio.sleep(pause)
        if not sandbox.faults.hold_receipts:
            await _pass_on(sandbox, message, status)


async def receipt(sandbox: ChatwootSandbox, message: Message, status: MessageState, *, error: str = "") -> None:
    """The channel says `status` of an outgoing message now. `sent` is its taking it; what is read is not delivered again."""
    if status == "failed":
        await fail(sandbox, message, error or sandbox.faults.delivery_error)
        return
    source_id = message.source_id or (_wamid() if inbox_of(message.inbox_id).kind == "whatsapp" else None)
    await _pass_on(sandbox, message, status, source_id=source_id)


async def _pass_on(sandbox: ChatwootSandbox, message: Message, status: MessageState, *, source_id: str | None = None) -> None:
    """As `Messages::StatusUpdateService`: what was read or has failed does not become delivered by a late receipt."""
    if message.status in ("read", "failed") and status in ("sent", "delivered"):
        return
    await _update(sandbox, message, status=status, source_id=source_id)


def _wamid() -> str:
    return f"wamid.{secrets.token_hex(20).upper()}"


def _refusal(sandbox: ChatwootSandbox, message: Message) -> str | None:
    if sandbox.faults.fail_deliveries > 0:
        sandbox.faults.fail_deliveries -= 1
        return sandbox.faults.delivery_error
    if inbox_of(message.inbox_id).kind != "whatsapp":
        return None
    template = message.additional_attributes.get("template_params")
    if template is not None:
        known = isinstance(template, dict) and template.get("name") in sandbox.config.whatsapp_templates
        return None if known else TEMPLATE_UNKNOWN
    conversation = sandbox.store.the(Conversation, message.conversation_id)
    return None if can_reply(sandbox, conversation) else WINDOW_CLOSED


async def fail(sandbox: ChatwootSandbox, message: Message, error: str) -> None:
    """The channel refused it: status `failed`, the reason in `content_attributes.external_error`."""
    message.content_attributes = message.content_attributes | {"external_error": error}
    await _update(sandbox, message, status="failed")


async def _update(
    sandbox: ChatwootSandbox, message: Message, *, status: MessageState | None = None, source_id: str | None = None
) -> None:
    if sandbox.store.get(Message, message.id) is not message:
        return  # A reset has forgotten it.
    message.status = status or message.status
    message.source_id = source_id or message.source_id
    message.updated_at = sandbox.clock.now()
    await sandbox.store.save(message)
    events.message_updated(sandbox, message)
