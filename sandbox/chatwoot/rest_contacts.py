"""`/contacts`: search, make, show, join an inbox. Closed to bots."""

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot.contacts import create_contact, join_inbox, search_contacts
from sandbox.chatwoot.deleting import delete_contact
from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.records import Contact, Conversation
from sandbox.chatwoot.rest import ACCOUNT, Call, guarded, head_ok, ok
from sandbox.chatwoot.rest_payloads import contact_inbox_rest, contact_rest, conversation_rest

PAGE = 15
_CONVERSATIONS = 20


async def list_contacts(call: Call) -> Response:
    """Those who can be reached in some way (people known by nothing but a cookie are left out)."""
    known = [c for c in call.sandbox.store.all(Contact) if c.email or c.phone_number or c.identifier]
    page, start = _page(call)
    return ok(
        {
            "meta": {"count": len(known), "current_page": page},
            "payload": [contact_rest(call.sandbox, contact) for contact in known[start : start + PAGE]],
        }
    )


async def search(call: Call) -> Response:
    """A substring match: the caller has to verify the exact one. `meta.has_more` says whether to page on."""
    if not call.query.get("q"):
        raise unprocessable("Specify search string with parameter q")
    found = search_contacts(call.sandbox, call.query["q"])
    page, start = _page(call)
    shown = found[start : start + PAGE]
    return ok(
        {
            "meta": {"count": len(shown), "current_page": page, "has_more": len(found) > start + PAGE},
            "payload": [contact_rest(call.sandbox, contact) for contact in shown],
        }
    )


async def create(call: Call) -> Response:
    """A new contact, at once in an inbox if `inbox_id` is given."""
    inbox = call.inbox()
    contact = await create_contact(
        call.sandbox,
        name=call.text("name") or "",
        phone_number=call.text("phone_number"),
        email=call.text("email"),
        identifier=call.text("identifier"),
    )
    contact.additional_attributes = call.mapping("additional_attributes") or {}
    contact.custom_attributes = call.mapping("custom_attributes") or {}
    await call.sandbox.store.save(contact)
    joined = None
    if inbox is not None:
        joined = contact_inbox_rest(await join_inbox(call.sandbox, contact, inbox, source_id=call.text("source_id")))
    return ok(
        {
            "payload": {
                "contact": contact_rest(call.sandbox, contact),
                "contact_inbox": joined or {"inbox": None, "source_id": None},
            }
        }
    )


async def show(call: Call) -> Response:
    """One contact."""
    return ok({"payload": contact_rest(call.sandbox, call.record(Contact, "contact_id"))})


async def destroy(call: Call) -> Response:
    """Delete a contact, its conversations too."""
    await delete_contact(call.sandbox, call.record(Contact, "contact_id"))
    return head_ok()


async def list_conversations(call: Call) -> Response:
    """The contact's newest twenty Chatwoot conversations."""
    contact = call.record(Contact, "contact_id")
    found = [c for c in call.sandbox.store.all(Conversation) if c.contact_id == contact.id]
    newest = sorted(found, key=lambda conversation: conversation.last_activity_at, reverse=True)[:_CONVERSATIONS]
    return ok({"payload": [conversation_rest(call.sandbox, conversation) for conversation in newest]})


async def create_contact_inbox(call: Call) -> Response:
    """Let the contact join an inbox."""
    inbox = call.inbox()
    if inbox is None:
        raise not_found()
    joined = await join_inbox(call.sandbox, call.record(Contact, "contact_id"), inbox, source_id=call.text("source_id"))
    return ok(contact_inbox_rest(joined))


def _page(call: Call) -> tuple[int, int]:
    page = max(call.number("page") or 1, 1)
    return page, (page - 1) * PAGE


ROUTES = [
    Route(ACCOUNT + "/contacts", guarded(list_contacts), methods=["GET"]),
    Route(ACCOUNT + "/contacts", guarded(create), methods=["POST"]),
    Route(ACCOUNT + "/contacts/search", guarded(search), methods=["GET"]),
    Route(ACCOUNT + "/contacts/{contact_id:int}", guarded(show), methods=["GET"]),
    Route(ACCOUNT + "/contacts/{contact_id:int}", guarded(destroy), methods=["DELETE"]),
    Route(ACCOUNT + "/contacts/{contact_id:int}/conversations", guarded(list_conversations), methods=["GET"]),
    Route(ACCOUNT + "/contacts/{contact_id:int}/contact_inboxes", guarded(create_contact_inbox), methods=["POST"]),
]
