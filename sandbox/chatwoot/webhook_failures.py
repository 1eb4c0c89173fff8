"""What Chatwoot does when a webhook has failed for good, by its kind (`lib/webhooks/trigger.rb`, v4.16.2).

An account's: nothing. An API inbox's: the message is failed, with the error's text. An agent bot's: a conversation that
was pending is opened to people at once.
"""

from sandbox.chatwoot.conversations import change_status
from sandbox.chatwoot.delivery import fail
from sandbox.chatwoot.records import Conversation, Message
from sandbox.chatwoot.sandbox import ChatwootSandbox
from sandbox.chatwoot.webhook_post import Delivery

_OPENED = "Conversation was marked open by system due to an error with the agent bot."


async def webhook_failed(sandbox: ChatwootSandbox, delivery: Delivery, payload: dict[str, object]) -> None:
    """See the module's docstring. Only webhooks of messages have consequences."""
    message = sandbox.store.get(Message, delivery.record_id)
    if message is None or payload["event"] not in ("message_created", "message_updated"):
        return
    if delivery.kind == "api_inbox" and message.content_attributes.get("external_error") != delivery.failure:
        await fail(sandbox, message, delivery.failure)
    conversation = sandbox.store.the(Conversation, message.conversation_id)
    if delivery.kind == "agent_bot" and conversation.status == "pending" and not sandbox.config.keep_pending_on_bot_failure:
        await change_status(sandbox, conversation, "open", activity=_OPENED)
