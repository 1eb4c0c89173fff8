"""The serialisers of REST answers (the jbuilder views of v4.16.2). They differ from the webhooks': integers for types,
`sender` left out and not null, times as Unix seconds."""

from typing import Any

from sandbox.chatwoot.attachments import with_attachments
from sandbox.chatwoot.payloads import (
    Json,
    can_reply,
    contact_push,
    inbox_of,
    iso,
    member_push,
    message_push,
    sender_push,
    unix,
    unread_count,
)
from sandbox.chatwoot.records import (
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Member,
    Message,
    MessageType,
    Subscription,
)
from sandbox.chatwoot.sandbox import ChatwootSandbox


def message_rest(sandbox: ChatwootSandbox, message: Message, *, echo_id: Any = None) -> Json:
    """`_message.json.jbuilder`. `echo_id` is only in the answer to the POST that gave it."""
    answer: Json = {
        "id": message.id,
        "content": message.content,
        "inbox_id": message.inbox_id,
        "conversation_id": message.conversation_id,
        "message_type": int(message.message_type),
        "content_type": message.content_type,
        "status": message.status,
        "content_attributes": message.content_attributes,
        "created_at": unix(message.created_at),
        "private": message.private,
        "source_id": message.source_id,
    }
    if echo_id is not None:
        answer["echo_id"] = echo_id
    sender = sender_push(sandbox, message)
    if sender:
        answer["sender"] = sender
    return with_attachments(sandbox, message, answer)


def messages_meta(sandbox: ChatwootSandbox, conversation: Conversation) -> Json:
    """`meta` of `GET …/messages`."""
    assignee = sandbox.member(conversation.assignee_type, conversation.assignee_id)
    seen, assignee_seen = conversation.agent_last_seen_at, conversation.assignee_last_seen_at
    meta: Json = {
        "labels": list(conversation.labels),
        "additional_attributes": conversation.additional_attributes,
        "contact": contact_push(sandbox.store.the(Contact, conversation.contact_id)),
        "agent_last_seen_at": iso(seen) if seen else None,
        "assignee_last_seen_at": iso(assignee_seen) if assignee_seen else None,
    }
    return meta | {"assignee": member_push(assignee)} if assignee else meta


def conversation_rest(sandbox: ChatwootSandbox, conversation: Conversation) -> Json:
    """`_conversation.json.jbuilder`: `messages` holds the last message of any kind, private notes too."""
    contact = sandbox.store.the(Contact, conversation.contact_id)
    contact_inbox = sandbox.store.the(ContactInbox, conversation.contact_inbox_id)
    messages = sandbox.store.messages(conversation.id)
    spoken = [message for message in messages if message.message_type is not MessageType.ACTIVITY]
    assignee = sandbox.member(conversation.assignee_type, conversation.assignee_id)
    meta: Json = {
        "sender": contact_rest(sandbox, contact, with_inboxes=False),
        "channel": inbox_of(conversation.inbox_id).channel,
        "hmac_verified": contact_inbox.hmac_verified,
    }
    if assignee:
        meta["assignee"] = member_rest(sandbox, assignee)
        meta["assignee_type"] = assignee.kind
    return {
        "meta": meta,
        "id": conversation.id,
        "messages": [message_push(sandbox, messages[-1])] if messages else [],
        "account_id": sandbox.config.account_id,
        "uuid": conversation.uuid,
        "additional_attributes": conversation.additional_attributes,
        "agent_last_seen_at": unix(conversation.agent_last_seen_at),
        "assignee_last_seen_at": unix(conversation.assignee_last_seen_at),
        "can_reply": can_reply(sandbox, conversation),
        "contact_last_seen_at": unix(conversation.contact_last_seen_at),
        "custom_attributes": conversation.custom_attributes,
        "inbox_id": conversation.inbox_id,
        "labels": list(conversation.labels),
        "muted": False,
        "snoozed_until": iso(conversation.snoozed_until) if conversation.snoozed_until else None,
        "status": conversation.status,
        "created_at": unix(conversation.created_at),
        "updated_at": conversation.updated_at.timestamp(),
        "timestamp": unix(conversation.last_activity_at),
        "first_reply_created_at": unix(conversation.first_reply_created_at),
        "unread_count": unread_count(sandbox, conversation),
        "last_non_activity_message": message_push(sandbox, spoken[-1]) if spoken else None,
        "last_activity_at": unix(conversation.last_activity_at),
        "priority": conversation.priority,
        "waiting_since": unix(conversation.waiting_since),
        "sla_policy_id": None,
    }


def contact_rest(sandbox: ChatwootSandbox, contact: Contact, *, with_inboxes: bool = True) -> Json:
    """`_contact.json.jbuilder`."""
    answer: Json = {
        "additional_attributes": contact.additional_attributes,
        "availability_status": "offline",
        "email": contact.email,
        "id": contact.id,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "blocked": contact.blocked,
        "identifier": contact.identifier,
        "thumbnail": "",
        "custom_attributes": contact.custom_attributes,
        "created_at": unix(contact.created_at),
    }
    if contact.last_activity_at:
        answer["last_activity_at"] = unix(contact.last_activity_at)
    if with_inboxes:
        answer["contact_inboxes"] = [
            contact_inbox_rest(row) for row in sandbox.store.all(ContactInbox) if row.contact_id == contact.id
        ]
    return answer


def contact_inbox_rest(contact_inbox: ContactInbox) -> Json:
    """`_contact_inbox.json.jbuilder`."""
    inbox = inbox_of(contact_inbox.inbox_id)
    return {
        "source_id": contact_inbox.source_id,
        "inbox": {
            "id": inbox.id,
            "avatar_url": "",
            "channel_id": inbox.id,
            "name": inbox.name,
            "channel_type": inbox.channel,
            "provider": "whatsapp_cloud" if inbox.kind == "whatsapp" else None,
        },
    }


def inbox_rest(sandbox: ChatwootSandbox, inbox: Inbox) -> Json:
    """`_inbox.json.jbuilder`, the part that a bridge reads."""
    answer: Json = {
        "id": inbox.id,
        "avatar_url": "",
        "channel_id": inbox.id,
        "name": inbox.name,
        "channel_type": inbox.channel,
        "greeting_enabled": False,
        "greeting_message": None,
        "working_hours_enabled": False,
        "enable_email_collect": False,
        "csat_survey_enabled": False,
        "enable_auto_assignment": False,
        "auto_assignment_config": {},
        "out_of_office_message": None,
        "timezone": "America/Santiago",
        "callback_webhook_url": None,
        "allow_messages_after_resolved": True,
        "lock_to_single_conversation": False,
        "sender_name_type": "friendly",
        "business_name": sandbox.config.account_name,
        "phone_number": "+56226000100" if inbox.kind == "whatsapp" else None,
        "provider": "whatsapp_cloud" if inbox.kind == "whatsapp" else None,
    }
    if inbox.kind == "email":
        answer["email"] = sandbox.config.mailbox
    return answer


def member_rest(sandbox: ChatwootSandbox, member: Member) -> Json:
    """`_agent.json.jbuilder`, or the slim bot."""
    if member.kind == "AgentBot":
        return {"id": member.id, "name": member.name, "description": None, "thumbnail": "", "type": "agent_bot"}
    return {
        "id": member.id,
        "account_id": sandbox.config.account_id,
        "availability_status": "online",
        "auto_offline": True,
        "confirmed": True,
        "email": member.email,
        "available_name": member.name,
        "name": member.name,
        "role": "administrator" if member == sandbox.user else "agent",
        "thumbnail": "",
        "custom_role_id": None,
    }


def profile_rest(sandbox: ChatwootSandbox) -> Json:
    """`profiles/show`: the user whose token this is. Its name says that this is a stand-in."""
    user, account_id = sandbox.user, sandbox.config.account_id
    return {
        "id": user.id,
        "access_token": sandbox.config.api_token,
        "account_id": account_id,
        "available_name": user.name,
        "avatar_url": "",
        "confirmed": True,
        "display_name": f"{user.name} (sandbox)",
        "message_signature": None,
        "email": user.email,
        "hmac_identifier": "",
        "inviter_id": None,
        "name": user.name,
        "provider": "email",
        "pubsub_token": "",
        "role": "administrator",
        "ui_settings": {},
        "uid": user.email,
        "type": None,
        "custom_attributes": {},
        "accounts": [
            {
                "id": account_id,
                "name": sandbox.config.account_name,
                "status": "active",
                "active_at": None,
                "role": "administrator",
                "permissions": ["administrator"],
                "availability": "online",
                "availability_status": "online",
                "auto_offline": True,
                "custom_role_id": None,
                "custom_role": None,
            }
        ],
    }


def subscription_rest(sandbox: ChatwootSandbox, subscription: Subscription) -> Json:
    """One account webhook, with its secret (administrators see it)."""
    return {
        "id": subscription.id,
        "name": subscription.name,
        "url": subscription.url,
        "account_id": sandbox.config.account_id,
        "subscriptions": list(subscription.subscriptions),
        "secret": subscription.secret,
    }
