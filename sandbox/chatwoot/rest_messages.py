"""`/conversations/{id}/messages`: read, write, update, delete."""

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot import events
from sandbox.chatwoot.delivery import fail
from sandbox.chatwoot.errors import not_found, status_update_elsewhere, unprocessable
from sandbox.chatwoot.payloads import inbox_of
from sandbox.chatwoot.records import Message, MessageType
from sandbox.chatwoot.rest import ACCOUNT, Call, guarded, ok
from sandbox.chatwoot.rest_payloads import message_rest, messages_meta
from sandbox.chatwoot.writing import delete_message, write_incoming, write_outgoing

#: `finders/message_finder.rb` (v4.16.2).
PAGE_NEWEST, PAGE_AFTER, PAGE_BETWEEN = 20, 100, 1000

_CONTENT_TYPES = ("text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form", "article")


async def list_messages(call: Call) -> Response:
    """The newest 20; `before`: the 20 before it; `after`: the next 100; both: up to 1000 in [after, before)."""
    conversation = call.conversation()
    messages = list(call.sandbox.store.messages(conversation.id))
    if call.query.get("filter_internal_messages"):
        messages = [m for m in messages if not m.private and m.message_type is not MessageType.ACTIVITY]
    before, after = call.number("before"), call.number("after")
    if before is not None and after is not None:
        messages = [message for message in messages if after <= message.id < before][:PAGE_BETWEEN]
    elif before is not None:
        messages = [message for message in messages if message.id < before][-PAGE_NEWEST:]
    elif after is not None:
        messages = [message for message in messages if message.id > after][:PAGE_AFTER]
    else:
        messages = messages[-PAGE_NEWEST:]
    return ok(
        {
            "meta": messages_meta(call.sandbox, conversation),
            "payload": [message_rest(call.sandbox, message) for message in messages],
        }
    )


async def create_message(call: Call) -> Response:
    """Write as the token's user or bot. `echo_id` is answered and forgotten: it is no idempotency key."""
    conversation = call.conversation()
    content, source_id = call.text("content"), call.text("source_id")
    content_type = call.text("content_type") or "text"
    content_attributes = call.mapping("content_attributes") or {}
    if content_type not in _CONTENT_TYPES:
        raise unprocessable(f"'{content_type}' is not a valid content_type")
    if content_type in ("input_select", "cards", "form", "article") and not content_attributes.get("items"):
        raise unprocessable("Validation failed: Content attributes At least one item is required.")
    kind = call.body.get("message_type") or "outgoing"
    if kind == "incoming":
        if inbox_of(conversation.inbox_id).kind != "api":
            raise unprocessable("Incoming messages are only allowed in Api inboxes")
        message = await write_incoming(
            call.sandbox,
            conversation,
            content=content,
            content_type=content_type,
            content_attributes=content_attributes,
            source_id=source_id,
        )
    elif kind == "outgoing":
        as_bot = call.body.get("sender_type") == "AgentBot" and call.integer("sender_id") == call.sandbox.bot.id
        message = await write_outgoing(
            call.sandbox,
            conversation,
            by=call.sandbox.bot if as_bot else call.member,
            content=content,
            private=call.body.get("private") in (True, "true"),
            content_type=content_type,
            content_attributes=content_attributes,
            template_params=call.mapping("template_params"),
            source_id=source_id,
        )
    else:
        raise unprocessable(f"'{kind}' is not a valid message_type")
    return ok(message_rest(call.sandbox, message, echo_id=call.body.get("echo_id")))


async def update_message(call: Call) -> Response:
    """A status, on an API inbox only: there the caller is the channel."""
    message = _message(call)
    if inbox_of(message.inbox_id).kind != "api":
        raise status_update_elsewhere()
    status = call.body.get("status")
    if status not in ("sent", "delivered", "read", "failed"):
        raise unprocessable(f"'{status}' is not a valid status")
    if status == "failed":
        await fail(call.sandbox, message, call.text("external_error") or "")
    else:
        message.status, message.updated_at = status, call.sandbox.clock.now()
        await call.sandbox.store.save(message)
        events.message_updated(call.sandbox, message)
    return ok(message_rest(call.sandbox, message))


async def destroy_message(call: Call) -> Response:
    """Delete: the row stays, without its text."""
    message = _message(call)
    await delete_message(call.sandbox, message)
    return ok(message_rest(call.sandbox, message))


def _message(call: Call) -> Message:
    message = call.record(Message, "message_id")
    if message.conversation_id != call.conversation().id:
        raise not_found()
    return message


ROUTES = [
    Route(ACCOUNT + "/conversations/{conversation_id:int}/messages", guarded(list_messages), methods=["GET"]),
    Route(ACCOUNT + "/conversations/{conversation_id:int}/messages", guarded(create_message, bots=True), methods=["POST"]),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/messages/{message_id:int}",
        guarded(update_message),
        methods=["PATCH", "PUT"],
    ),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/messages/{message_id:int}", guarded(destroy_message), methods=["DELETE"]
    ),
]
