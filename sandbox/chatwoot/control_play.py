"""Control routes that play what is written, and what becomes of a message. Not part of Chatwoot."""

from typing import Any, cast

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot import events
from sandbox.chatwoot.attachments import make_attachment
from sandbox.chatwoot.delivery import receipt
from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.mail import Mail
from sandbox.chatwoot.play import incoming
from sandbox.chatwoot.records import Attachment, Contact, ContactInbox, Conversation, Message, MessageType
from sandbox.chatwoot.rest import Call, guarded, ok
from sandbox.chatwoot.rest_payloads import message_rest
from sandbox.chatwoot.team import Writer, team_writes
from sandbox.chatwoot.writing import change_message, delete_message


async def play_incoming(call: Call) -> Response:
    """A contact writes: `{inbox, content, name?, phone?, email?, identifier?, source_id?, contact_id?, conversation_id?,
    subject?, mail?, attachments?, content_attributes?, verified?}`; `play.incoming`, `mail.Mail` and
    `attachments.make_attachment` say what each means."""
    try:
        mail = Mail.model_validate(call.mapping("mail") or {})
    except ValueError as error:
        raise unprocessable(str(error)) from error
    message = await incoming(
        call.sandbox,
        inbox=call.text("inbox") or "",
        content=call.text("content"),
        name=call.text("name"),
        phone=call.text("phone"),
        email=call.text("email"),
        identifier=call.text("identifier"),
        source_id=call.text("source_id"),
        contact_id=call.integer("contact_id"),
        conversation_id=call.integer("conversation_id"),
        subject=call.text("subject"),
        mail=mail,
        verified=call.body.get("verified") is True,
        content_attributes=call.mapping("content_attributes"),
        attachments=await _attachments(call),
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
    """The company's side writes: `{conversation_id, content, private?, as?, content_type?, content_attributes?}`.

    `as` is person (unless told), phone_app, automation or template; the last three are told without a sender.
    """
    message = await team_writes(
        call.sandbox,
        conversation_id=call.integer("conversation_id") or 0,
        content=call.text("content") or "",
        private=call.body.get("private") is True,
        writer=cast(Writer, call.text("as") or "person"),
        content_type=call.text("content_type") or "text",
        content_attributes=call.mapping("content_attributes"),
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
    message = call.record(Message, "message_id")
    await delete_message(call.sandbox, message)
    return ok({"message": message_rest(call.sandbox, message)})


async def play_receipt(call: Call) -> Response:
    """The channel says something of an outgoing message now: `{status, error?}`: sent, delivered, read or failed."""
    message, status = call.record(Message, "message_id"), call.text("status")
    if message.message_type is MessageType.INCOMING or message.private:
        raise unprocessable("Only what goes out has receipts")
    match status:
        case "sent" | "delivered" | "read" | "failed":
            await receipt(call.sandbox, message, status, error=call.text("error") or "")
        case _:
            raise unprocessable(f"'{status}' is not a valid status")
    return ok({"message": message_rest(call.sandbox, message)})


async def play_transcript(call: Call) -> Response:
    """The transcript of a voice note has come: `{text}`."""
    message = call.record(Message, "message_id")
    spoken = [attachment for attachment in message.attachments if attachment.file_type == "audio"]
    if not spoken:
        raise unprocessable("The message has no voice note")
    for attachment in spoken:
        attachment.transcribed_text = call.text("text") or ""
    await change_message(call.sandbox, message)
    return ok({"message": message_rest(call.sandbox, message)})


async def play_submitted(call: Call) -> Response:
    """A visitor of the widget answers a question with choices, a form or a rating: `{values}`, as the widget sends them."""
    message = call.record(Message, "message_id")
    message.content_attributes = message.content_attributes | {"submitted_values": call.body.get("values")}
    await change_message(call.sandbox, message)
    return ok({"message": message_rest(call.sandbox, message)})


async def play_widget(call: Call) -> Response:
    """A visitor of the website comes back to his conversation and opens the widget: `{conversation_id}`."""
    conversation = call.sandbox.store.get(Conversation, call.integer("conversation_id"))
    if conversation is None:
        raise not_found()
    visitor = call.sandbox.store.the(ContactInbox, conversation.contact_inbox_id)
    events.widget_opened(call.sandbox, visitor, conversation)
    return ok({"opened": True})


async def play_typing(call: Call) -> Response:
    """The contact begins or ends typing: `{conversation_id, on}`."""
    conversation = call.sandbox.store.get(Conversation, call.integer("conversation_id"))
    if conversation is None:
        raise not_found()
    contact = call.sandbox.store.the(Contact, conversation.contact_id)
    events.typing(call.sandbox, conversation, contact, on=call.body.get("on") is not False, private=False)
    return ok({"typing": call.body.get("on") is not False})


async def _attachments(call: Call) -> list[Attachment]:
    given: Any = call.body.get("attachments") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise unprocessable("attachments must be a list of objects")
    base_url = str(call.request.url).partition("/control/")[0]
    try:
        return [await make_attachment(call.sandbox, each, base_url=base_url) for each in given]
    except (KeyError, TypeError, ValueError) as error:
        raise unprocessable(f"An attachment is not as it must be: {error!r}") from error


ROUTES = [
    Route("/incoming", guarded(play_incoming), methods=["POST"]),
    Route("/person", guarded(play_person), methods=["POST"]),
    Route("/messages", guarded(list_messages), methods=["GET"]),
    Route("/messages/{message_id:int}", guarded(destroy_message), methods=["DELETE"]),
    Route("/messages/{message_id:int}/receipt", guarded(play_receipt), methods=["POST"]),
    Route("/messages/{message_id:int}/transcript", guarded(play_transcript), methods=["POST"]),
    Route("/messages/{message_id:int}/submitted", guarded(play_submitted), methods=["POST"]),
    Route("/widget", guarded(play_widget), methods=["POST"]),
    Route("/typing", guarded(play_typing), methods=["POST"]),
]
