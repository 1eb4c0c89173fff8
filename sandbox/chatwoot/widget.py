"""What the web widget tells of a visitor (`contact_inbox.rb`, v4.16.2)."""

from datetime import datetime

from sandbox.chatwoot.payloads import Json, account_data, contact_webhook, conversation_webhook, inbox_of
from sandbox.chatwoot.records import Contact, ContactInbox, Conversation
from sandbox.chatwoot.sandbox import ChatwootSandbox


def visit(moment: datetime) -> Json:
    """What the widget tells of a visit that began at `moment`."""
    return {
        "browser_language": "es",
        "browser": {
            "browser_name": "Chrome",
            "browser_version": "142.0.0.0",
            "device_name": "Unknown",
            "platform_name": "Windows",
            "platform_version": "10.0",
        },
        "initiated_at": {"timestamp": moment.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)")},
        "referer": "https://proveedores.cordillera.example/",
    }


def widget_webhook(sandbox: ChatwootSandbox, visitor: ContactInbox, conversation: Conversation | None) -> Json:
    """The payload of `webwidget_triggered` (`contact_inbox.rb#webhook_data`), without its `event`."""
    inbox = inbox_of(visitor.inbox_id)
    return {
        "id": visitor.id,
        "contact": contact_webhook(sandbox, sandbox.store.the(Contact, visitor.contact_id)),
        "inbox": {"id": inbox.id, "name": inbox.name},
        "account": account_data(sandbox),
        "current_conversation": conversation_webhook(sandbox, conversation) if conversation else None,
        "source_id": visitor.source_id,
        "event_info": visit(sandbox.clock.now()) | {"widget_language": "es"},
    }
