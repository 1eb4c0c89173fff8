"""A contact is deleted, and all that is its own with it (`contacts_controller#destroy`, v4.16.2). No webhook tells of it."""

from sandbox.chatwoot.records import Contact, ContactInbox, Conversation, Record
from sandbox.chatwoot.sandbox import ChatwootSandbox


async def delete_contact(sandbox: ChatwootSandbox, contact: Contact) -> None:
    """Forget it, where it was known, its conversations and all that was written in them."""
    store = sandbox.store
    joined = [row for row in store.all(ContactInbox) if row.contact_id == contact.id]
    conversations = [row for row in store.all(Conversation) if row.contact_id == contact.id]
    written = [message for row in conversations for message in store.messages(row.id)]
    gone: list[Record] = [*written, *conversations, *joined, contact]
    for record in gone:
        await store.delete(record)
