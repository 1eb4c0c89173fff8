"""The tables of the design, one file an aggregate. Importing this package registers them all on `Base.metadata`.

Things that last (supplier, conversation) have random UUIDs, which also name LangGraph threads; rows that follow one another
(message, turn, operation …) have growing integers, so that their ids sort as they came. All times are aware UTC.
"""

from storage.models.approval import Approval
from storage.models.attachment import AttachmentFile
from storage.models.audit import AuditEvent
from storage.models.base import Base
from storage.models.chatwoot_conversation import ChatwootConversation
from storage.models.conversation import Conversation
from storage.models.message import Message
from storage.models.operation import Operation
from storage.models.order import OrderRecord
from storage.models.pause import Pause
from storage.models.supplier import ContactPoint, Supplier
from storage.models.turn import Turn
from storage.models.webhook import WebhookSetAside

__all__ = [
    "Approval",
    "AttachmentFile",
    "AuditEvent",
    "Base",
    "ChatwootConversation",
    "ContactPoint",
    "Conversation",
    "Message",
    "Operation",
    "OrderRecord",
    "Pause",
    "Supplier",
    "Turn",
    "WebhookSetAside",
]
