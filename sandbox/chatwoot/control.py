"""The control routes: what a test or a demo does to the stand-in, and plays in it. Not part of Chatwoot.

They take the user's token, and no faults strike them.
"""

from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.play import incoming, person_writes
from sandbox.chatwoot.records import Conversation, Message
from sandbox.chatwoot.rest import Call, guarded, ok
from sandbox.chatwoot.rest_payloads import message_rest
from sandbox.chatwoot.writing import delete_message


async def play_incoming(call: Call) -> Response:
    """A contact writes: `{inbox, content, name?, phone?, email?, identifier?, contact_id?, conversation_id?, subject?,
    verified?}`; `play.incoming` says what each means."""
    message = await incoming(
        call.sandbox,
        inbox=call.text("inbox") or "",
        content=call.text("content"),
        name=call.text("name"),
        phone=call.text("phone"),
        email=call.text("email"),
        identifier=call.text("identifier"),
        contact_id=call.integer("contact_id"),
        conversation_id=call.integer("conversation_id"),
        subject=call.text("subject"),
        verified=call.body.get("verified") is True,
    )
    conversation = call.sandbox.store.the(Conversation, message.conversation_id)
    return ok(
        {
            "message": message_rest(call.sandbox, message),
            "message_id": message.id,
            "conversation_id": conversation.id,
            "contact_id": conversation.contact_id,
            "inbox_id": conversation.inbox_id,
        }
    )


async def play_person(call: Call) -> Response:
    """A person of the team writes: `{conversation_id, content, private?}`."""
    message = await person_writes(
        call.sandbox,
        conversation_id=call.integer("conversation_id") or 0,
        content=call.text("content") or "",
        private=call.body.get("private") is True,
    )
    return ok({"message": message_rest(call.sandbox, message)})


async def list_messages(call: Call) -> Response:
    """Everything written, private notes and activities too, oldest first; `conversation_id` narrows it."""
    conversation_id = call.number("conversation_id")
    if conversation_id is None:
        messages = call.sandbox.store.all(Message)
    else:
        messages = list(call.sandbox.store.messages(conversation_id))
    return ok({"messages": [message_rest(call.sandbox, message) for message in messages]})


async def destroy_message(call: Call) -> Response:
    """The writer (contact or agent) deletes a message."""
    message = call.sandbox.store.get(Message, call.request.path_params["message_id"])
    if message is None:
        raise not_found()
    await delete_message(call.sandbox, message)
    return ok({"message": message_rest(call.sandbox, message)})


async def show_faults(call: Call) -> Response:
    """The faults as they are set now."""
    return ok(call.sandbox.faults.to_json())


async def set_faults(call: Call) -> Response:
    """Set some faults (`faults.Faults` names them); the others stay."""
    try:
        call.sandbox.faults.update(call.body)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    return ok(call.sandbox.faults.to_json())


async def clear_faults(call: Call) -> Response:
    """All well again."""
    call.sandbox.faults.clear()
    return ok(call.sandbox.faults.to_json())


async def advance_clock(call: Call) -> Response:
    """`{seconds}`: let time pass at once, to close a WhatsApp window."""
    seconds = call.body.get("seconds")
    if not isinstance(seconds, int | float):
        raise unprocessable("seconds must be a number")
    call.sandbox.clock.advance(timedelta(seconds=seconds))
    return ok({"now": call.sandbox.clock.now().isoformat()})


async def show_deliveries(call: Call) -> Response:
    """What became of the newest webhooks, and how many are still to be sent."""
    answer: dict[str, Any] = {"pending": call.sandbox.webhooks.pending}
    return ok(answer | {"deliveries": call.sandbox.webhooks.deliveries_json()})


async def reset(call: Call) -> Response:
    """Forget contacts, conversations, messages and faults. Ids go on: no id is ever given twice."""
    await call.sandbox.store.clear()
    call.sandbox.faults.clear()
    call.sandbox.typing.clear()
    return ok({"reset": True})


ROUTES = [
    Route("/incoming", guarded(play_incoming), methods=["POST"]),
    Route("/person", guarded(play_person), methods=["POST"]),
    Route("/messages", guarded(list_messages), methods=["GET"]),
    Route("/messages/{message_id:int}", guarded(destroy_message), methods=["DELETE"]),
    Route("/faults", guarded(show_faults), methods=["GET"]),
    Route("/faults", guarded(set_faults), methods=["POST"]),
    Route("/faults", guarded(clear_faults), methods=["DELETE"]),
    Route("/clock", guarded(advance_clock), methods=["POST"]),
    Route("/deliveries", guarded(show_deliveries), methods=["GET"]),
    Route("/reset", guarded(reset), methods=["POST"]),
]
