"""Two contacts become one (`contact_merge_action.rb`, v4.16.2).

Conversations and messages keep their ids and change their contact, silently: no webhook tells of it but a `contact_updated`
if the surviving contact learned something. Webhooks of the other contact that were still waiting are never sent.
"""

from typing import Any

from sandbox.chatwoot import events
from sandbox.chatwoot.errors import unprocessable
from sandbox.chatwoot.payloads import iso
from sandbox.chatwoot.records import Contact, ContactInbox, Conversation, Message
from sandbox.chatwoot.sandbox import ChatwootSandbox

_FILLED_IN = ("name", "identifier", "email", "phone_number")


async def merge_contacts(sandbox: ChatwootSandbox, base: Contact, mergee: Contact) -> None:
    """`base` stays and gets what `mergee` had; what both know stays as `base` knows it. Raise `Refusal` (422)."""
    if base.id == mergee.id:
        raise unprocessable("contact merge failed, base and mergee are the same")
    store = sandbox.store
    inboxes = [row for row in store.all(ContactInbox) if row.contact_id == mergee.id]
    conversations = [row for row in store.all(Conversation) if row.contact_id == mergee.id]
    written = [row for row in store.all(Message) if row.sender_type == "Contact" and row.sender_id == mergee.id]
    for joined in inboxes:
        joined.contact_id = base.id
    for conversation in conversations:
        conversation.contact_id = base.id
    for message in written:
        message.sender_id = base.id
    await store.save(*inboxes, *conversations, *written)
    await store.delete(mergee)
    changes = _fill_in(base, mergee)
    if changes:
        before, base.updated_at = base.updated_at, sandbox.clock.now()
        await store.save(base)
        events.contact_updated(sandbox, base, {"updated_at": (iso(before), iso(base.updated_at))} | changes)


def _fill_in(base: Contact, mergee: Contact) -> events.Changes:
    changes: events.Changes = {}
    for attribute in _FILLED_IN:
        mine, other = getattr(base, attribute), getattr(mergee, attribute)
        if not mine and other:
            setattr(base, attribute, other)
            changes[attribute] = (mine, other)
    for attribute in ("additional_attributes", "custom_attributes"):
        mine = getattr(base, attribute)
        both: dict[str, Any] = getattr(mergee, attribute) | mine
        if both != mine:
            setattr(base, attribute, both)
            changes[attribute] = (mine, both)
    return changes
