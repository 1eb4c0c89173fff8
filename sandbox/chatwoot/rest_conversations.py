"""`/conversations`: list, show, open, and everything that changes one."""

from datetime import UTC, datetime
from typing import cast, get_args

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot import events
from sandbox.chatwoot.contacts import join_inbox
from sandbox.chatwoot.conversations import (
    assign,
    change_status,
    open_conversation,
    set_custom_attributes,
    set_labels,
)
from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.records import Contact, ContactInbox, Conversation, ConversationStatus
from sandbox.chatwoot.rest import ACCOUNT, Call, guarded, head_ok, ok
from sandbox.chatwoot.rest_payloads import conversation_rest, member_rest
from sandbox.chatwoot.writing import write_outgoing

PAGE = 25
_STATUSES = get_args(ConversationStatus)


async def list_conversations(call: Call) -> Response:
    """Newest activity first, 25 a page; `status` is `open` unless told (`all` for all)."""
    found = call.sandbox.store.all(Conversation)
    inbox_id = call.number("inbox_id")
    if inbox_id is not None:
        found = [conversation for conversation in found if conversation.inbox_id == inbox_id]
    status = call.query.get("status", "open")
    if status != "all":
        found = [conversation for conversation in found if conversation.status == status]
    if "labels[]" in call.query:
        wanted = set(call.request.query_params.getlist("labels[]"))
        found = [conversation for conversation in found if wanted & set(conversation.labels)]
    groups = {
        "me": [c for c in found if (c.assignee_type, c.assignee_id) == (call.member.kind, call.member.id)],
        "unassigned": [c for c in found if c.assignee_type is None],
        "assigned": [c for c in found if c.assignee_type is not None],
        "all": found,
    }
    chosen = groups.get(call.query.get("assignee_type", "all"), found)
    chosen = sorted(chosen, key=lambda conversation: (conversation.last_activity_at, conversation.id), reverse=True)
    start = (max(call.number("page") or 1, 1) - 1) * PAGE
    return ok(
        {
            "data": {
                "meta": {
                    "mine_count": len(groups["me"]),
                    "assigned_count": len(groups["assigned"]),
                    "unassigned_count": len(groups["unassigned"]),
                    "all_count": len(found),
                },
                "payload": [conversation_rest(call.sandbox, c) for c in chosen[start : start + PAGE]],
            }
        }
    )


async def show_conversation(call: Call) -> Response:
    """One Chatwoot conversation, with its last message."""
    return ok(conversation_rest(call.sandbox, call.conversation()))


async def create_conversation(call: Call) -> Response:
    """By inbox and contact (who joins the inbox if need be), or by `source_id` alone; maybe with a first message."""
    inbox, source_id = call.inbox(), call.text("source_id")
    contact_id = call.integer("contact_id")
    contact = call.sandbox.store.get(Contact, contact_id)
    if contact_id is not None and contact is None:
        raise not_found()
    status = call.body.get("status")
    if status is not None and status not in _STATUSES:
        raise unprocessable(f"'{status}' is not a valid status")
    message = call.mapping("message")
    if inbox is not None and contact is not None:
        contact_inbox = await join_inbox(call.sandbox, contact, inbox, source_id=source_id)
    else:
        known = [row for row in call.sandbox.store.all(ContactInbox) if row.source_id == source_id]
        if not known:
            raise not_found()
        contact_inbox = known[0]
    conversation = await open_conversation(
        call.sandbox,
        call.sandbox.store.the(Contact, contact_inbox.contact_id),
        contact_inbox,
        status=cast("ConversationStatus | None", status),
        additional_attributes=call.mapping("additional_attributes"),
        custom_attributes=call.mapping("custom_attributes"),
    )
    assignee = call.sandbox.member("User", call.integer("assignee_id"))
    if assignee:
        await assign(call.sandbox, conversation, assignee, by=call.member)
    if message:
        await write_outgoing(
            call.sandbox,
            conversation,
            by=call.member,
            content=message.get("content"),
            private=message.get("private") is True,
            content_attributes=message.get("content_attributes"),
            template_params=message.get("template_params"),
        )
    return ok(conversation_rest(call.sandbox, conversation))


async def toggle_status(call: Call) -> Response:
    """Set the status; without one, open and resolved change places."""
    conversation = call.conversation()
    status = call.body.get("status") or ("open" if conversation.status != "open" else "resolved")
    if status not in _STATUSES:
        raise unprocessable(f"'{status}' is not a valid status")
    snoozed_until = call.body.get("snoozed_until")
    until = _moment(snoozed_until)
    await change_status(call.sandbox, conversation, cast(ConversationStatus, status), by=call.member, snoozed_until=until)
    return ok(
        {
            "meta": {},
            "payload": {
                "success": True,
                "conversation_id": conversation.id,
                "current_status": conversation.status,
                "snoozed_until": int(until.timestamp()) if until else None,
            },
        }
    )


async def toggle_typing(call: Call) -> Response:
    """Shown in widget and dashboard, never on WhatsApp; echoed to the webhook."""
    conversation = call.conversation()
    typing_status = call.body.get("typing_status")
    private = call.body.get("is_private") in (True, "true")
    if typing_status in ("on", "off"):
        if typing_status == "on" and not private:
            call.sandbox.typing[conversation.id] = call.member
        else:
            call.sandbox.typing.pop(conversation.id, None)
        toggle = {"conversation_id": conversation.id, "on": typing_status == "on", "by": call.member.kind, "private": private}
        call.sandbox.typing_toggles.append(toggle | {"at": call.sandbox.clock.now().isoformat()})
        events.typing(call.sandbox, conversation, call.member, on=typing_status == "on", private=private)
    return head_ok()


async def toggle_priority(call: Call) -> Response:
    """Set or clear the priority."""
    conversation = call.conversation()
    before, conversation.priority = conversation.priority, call.text("priority")
    await call.sandbox.store.save(conversation)
    if before != conversation.priority:
        events.conversation_updated(call.sandbox, conversation, {"priority": (before, conversation.priority)})
    return head_ok()


async def create_assignment(call: Call) -> Response:
    """To a user or (`assignee_type: AgentBot`) a bot; an unknown or empty id unassigns. Answers the assignee or null."""
    conversation = call.conversation()
    kind = "AgentBot" if call.body.get("assignee_type") == "AgentBot" else "User"
    if "assignee_id" not in call.body and kind == "User":
        return ok(None)  # Teams: the stand-in has none.
    assignee = call.sandbox.member(kind, call.integer("assignee_id"))
    await assign(call.sandbox, conversation, assignee, by=call.member)
    return ok(member_rest(call.sandbox, assignee) if assignee else None)


async def list_labels(call: Call) -> Response:
    """The labels."""
    return ok({"payload": call.conversation().labels})


async def create_labels(call: Call) -> Response:
    """Replace the whole set."""
    labels = call.body.get("labels") or []
    if not isinstance(labels, list):
        raise unprocessable("labels must be an array")
    conversation = call.conversation()
    await set_labels(call.sandbox, conversation, [str(label) for label in labels])
    return ok({"payload": conversation.labels})


async def create_custom_attributes(call: Call) -> Response:
    """Replace the whole hash."""
    conversation = call.conversation()
    await set_custom_attributes(call.sandbox, conversation, call.mapping("custom_attributes") or {})
    return ok({"custom_attributes": conversation.custom_attributes})


async def update_last_seen(call: Call) -> Response:
    """An agent has read it: nothing is unread any more. No webhook (`update_columns`)."""
    conversation = call.conversation()
    conversation.agent_last_seen_at = call.sandbox.clock.now()
    await call.sandbox.store.save(conversation)
    return ok(conversation_rest(call.sandbox, conversation))


def _moment(value: object) -> datetime | None:
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdigit()):
        return datetime.fromtimestamp(float(value), UTC)
    return None


ROUTES = [
    Route(ACCOUNT + "/conversations", guarded(list_conversations), methods=["GET"]),
    Route(ACCOUNT + "/conversations", guarded(create_conversation, bots=True), methods=["POST"]),
    Route(ACCOUNT + "/conversations/{conversation_id:int}", guarded(show_conversation, bots=True), methods=["GET"]),
    Route(ACCOUNT + "/conversations/{conversation_id:int}/toggle_status", guarded(toggle_status, bots=True), methods=["POST"]),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/toggle_typing_status",
        guarded(toggle_typing, bots=True),
        methods=["POST"],
    ),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/toggle_priority", guarded(toggle_priority, bots=True), methods=["POST"]
    ),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/custom_attributes",
        guarded(create_custom_attributes, bots=True),
        methods=["POST"],
    ),
    Route(
        ACCOUNT + "/conversations/{conversation_id:int}/assignments", guarded(create_assignment, bots=True), methods=["POST"]
    ),
    Route(ACCOUNT + "/conversations/{conversation_id:int}/labels", guarded(list_labels, bots=True), methods=["GET"]),
    Route(ACCOUNT + "/conversations/{conversation_id:int}/labels", guarded(create_labels, bots=True), methods=["POST"]),
    Route(ACCOUNT + "/conversations/{conversation_id:int}/update_last_seen", guarded(update_last_seen), methods=["POST"]),
]
