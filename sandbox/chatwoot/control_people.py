"""Control routes that play what the team does in Chatwoot's dashboard, and what becomes of contacts. Not part of Chatwoot."""

from datetime import timedelta
from typing import cast, get_args

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot.contacts import change_contact
from sandbox.chatwoot.conversations import assign, change_status
from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.merging import merge_contacts
from sandbox.chatwoot.records import Contact, Conversation, ConversationStatus, Member
from sandbox.chatwoot.rest import Call, guarded, ok
from sandbox.chatwoot.rest_payloads import contact_rest, conversation_rest


async def list_conversations(call: Call) -> Response:
    """All Chatwoot conversations as REST shows them, oldest first."""
    found = call.sandbox.store.all(Conversation)
    return ok({"conversations": [conversation_rest(call.sandbox, conversation) for conversation in found]})


async def change_conversation(call: Call) -> Response:
    """A person of the team acts: `{status?, snooze_seconds?, assignee?}`.

    `status` open, pending, resolved or snoozed; `assignee` person, bridge (our own user), bot or nobody. As in Chatwoot,
    who opens a conversation gets it assigned, unless `assignee` says otherwise.
    """
    conversation, person = call.conversation(), call.sandbox.person
    status, assignee = call.text("status"), call.text("assignee")
    members: dict[str, Member | None] = {
        "person": person,
        "bridge": call.sandbox.user,
        "bot": call.sandbox.bot,
        "nobody": None,
    }
    if status is not None and status not in get_args(ConversationStatus):
        raise unprocessable(f"'{status}' is not a valid status")
    if assignee is not None and assignee not in members:
        raise unprocessable(f"assignee is one of {', '.join(members)}")
    if status is not None:
        seconds = call.body.get("snooze_seconds")
        until = call.sandbox.clock.now() + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
        opened = status == "open" and conversation.status != "open"
        await change_status(call.sandbox, conversation, cast(ConversationStatus, status), by=person, snoozed_until=until)
        if opened and assignee is None:
            assignee = "person"
    if assignee is not None:
        await assign(call.sandbox, conversation, members[assignee], by=person)
    return ok({"conversation": conversation_rest(call.sandbox, conversation)})


async def show_typing(call: Call) -> Response:
    """Who is shown as typing now, by conversation, and every toggle since the start or the last reset, oldest first."""
    now = {str(conversation_id): member.name for conversation_id, member in call.sandbox.typing.items()}
    return ok({"typing": now, "toggles": list(call.sandbox.typing_toggles)})


async def update_contact(call: Call) -> Response:
    """The team changes a contact: `{name?, phone?, email?, identifier?, blocked?}`."""
    contact = call.record(Contact, "contact_id")
    changes = {
        "name": call.text("name"),
        "phone_number": call.text("phone"),
        "email": call.text("email"),
        "identifier": call.text("identifier"),
        "blocked": call.body.get("blocked"),
    }
    await change_contact(call.sandbox, contact, {name: value for name, value in changes.items() if value is not None})
    return ok({"contact": contact_rest(call.sandbox, contact)})


async def merge(call: Call) -> Response:
    """`{base_contact_id, mergee_contact_id}`: the base stays. Conversations keep their ids and change their contact."""
    base = call.sandbox.store.get(Contact, call.integer("base_contact_id"))
    mergee = call.sandbox.store.get(Contact, call.integer("mergee_contact_id"))
    if base is None or mergee is None:
        raise not_found()
    await merge_contacts(call.sandbox, base, mergee)
    return ok({"contact": contact_rest(call.sandbox, base)})


ROUTES = [
    Route("/conversations", guarded(list_conversations), methods=["GET"]),
    Route("/conversations/{conversation_id:int}", guarded(change_conversation), methods=["POST"]),
    Route("/typing", guarded(show_typing), methods=["GET"]),
    Route("/contacts/merge", guarded(merge), methods=["POST"]),
    Route("/contacts/{contact_id:int}", guarded(update_contact), methods=["POST"]),
]
