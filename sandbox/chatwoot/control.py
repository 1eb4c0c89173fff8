"""Control routes that make things go wrong: faults, being down, the clock, other webhooks. Not part of Chatwoot.

They take the user's token, and no faults strike them. `control_play` and `control_people` play the people.
"""

from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot.errors import not_found, unprocessable
from sandbox.chatwoot.payloads import conversation_webhook
from sandbox.chatwoot.records import INBOXES, Conversation, Subscription
from sandbox.chatwoot.rest import Call, guarded, ok

API_INBOX = next(inbox.id for inbox in INBOXES if inbox.kind == "api")


async def show_faults(call: Call) -> Response:
    """The faults as they are set now."""
    return ok(call.sandbox.faults.to_json())


async def set_faults(call: Call) -> Response:
    """Set some faults (`faults.Faults` names them); the others stay."""
    try:
        call.sandbox.faults.update(call.body)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    return ok(call.sandbox.faults.to_json())


async def clear_faults(call: Call) -> Response:
    """All well again."""
    call.sandbox.come_up_in(None)
    call.sandbox.faults.clear()
    return ok(call.sandbox.faults.to_json())


async def advance_clock(call: Call) -> Response:
    """`{seconds}`: let time pass at once, to close a WhatsApp window."""
    seconds = call.body.get("seconds")
    if not isinstance(seconds, int | float):
        raise unprocessable("seconds must be a number")
    call.sandbox.clock.advance(timedelta(seconds=seconds))
    return ok({"now": call.sandbox.clock.now().isoformat()})


async def go_down(call: Call) -> Response:
    """Be down for a whole period: `{seconds?, answer?}`; `answer` is a status ("502"), "reset" or "hang".

    Nothing is worked on meanwhile, and webhooks wait. Without `seconds` until `DELETE /control/down`.
    """
    seconds = call.body.get("seconds")
    if seconds is not None and (not isinstance(seconds, int | float) or isinstance(seconds, bool)):
        raise unprocessable("seconds must be a number")
    try:
        call.sandbox.go_down(answer=call.text("answer") or "502", seconds=seconds)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    return ok(call.sandbox.faults.to_json())


async def come_up(call: Call) -> Response:
    """The end of being down."""
    call.sandbox.come_up_in(None)
    call.sandbox.faults.update({"down": False})
    return ok(call.sandbox.faults.to_json())


async def show_deliveries(call: Call) -> Response:
    """What became of the newest webhooks, and how many are still to be sent."""
    answer: dict[str, Any] = {"pending": call.sandbox.webhooks.pending}
    return ok(answer | {"deliveries": call.sandbox.webhooks.deliveries_json()})


async def connect(call: Call) -> Response:
    """A webhook beside the account's: `{kind, url?, secret?, inbox_id?}`, `kind` api_inbox or agent_bot.

    URL and secret are those of the configured subscription unless given, so that one message comes by two webhooks. With an
    agent bot new Chatwoot conversations begin pending, as with `bot_connected`.
    """
    kind, config = call.text("kind"), call.sandbox.config
    url, inbox = call.text("url") or config.webhook_url, call.inbox()
    if kind not in ("api_inbox", "agent_bot") or url is None:
        raise unprocessable("kind is api_inbox or agent_bot; url is needed where none is configured")
    subscription = Subscription(
        id=call.sandbox.store.next_id(Subscription),
        url=url,
        secret=call.text("secret") or config.webhook_secret,
        kind=kind,
        inbox_id=inbox.id if inbox else API_INBOX if kind == "api_inbox" else None,
    )
    await call.sandbox.store.save(subscription)
    return ok({"subscription": subscription.model_dump()})


async def disconnect(call: Call) -> Response:
    """Take such a webhook away."""
    await call.sandbox.store.delete(call.record(Subscription, "subscription_id"))
    return ok({"disconnected": True})


async def send_unsigned(call: Call) -> Response:
    """What a macro or an automation sends: `{conversation_id, event?, url?}`, with neither signature nor delivery id."""
    conversation = call.sandbox.store.get(Conversation, call.integer("conversation_id"))
    url = call.text("url") or call.sandbox.config.webhook_url
    if conversation is None:
        raise not_found()
    if url is None:
        raise unprocessable("url is needed where none is configured")
    event = call.text("event") or "macro.executed"
    call.sandbox.webhooks.send_unsigned(url, conversation_webhook(call.sandbox, conversation) | {"event": event})
    return ok({"event": event})


async def reset(call: Call) -> Response:
    """Forget contacts, conversations, messages and faults. Ids go on: no id is ever given twice."""
    await call.sandbox.store.clear()
    call.sandbox.come_up_in(None)
    call.sandbox.faults.clear()
    call.sandbox.typing.clear()
    call.sandbox.typing_toggles.clear()
    return ok({"reset": True})


ROUTES = [
    Route("/faults", guarded(show_faults), methods=["GET"]),
    Route("/faults", guarded(set_faults), methods=["POST"]),
    Route("/faults", guarded(clear_faults), methods=["DELETE"]),
    Route("/down", guarded(go_down), methods=["POST"]),
    Route("/down", guarded(come_up), methods=["DELETE"]),
    Route("/clock", guarded(advance_clock), methods=["POST"]),
    Route("/deliveries", guarded(show_deliveries), methods=["GET"]),
    Route("/subscriptions", guarded(connect), methods=["POST"]),
    Route("/subscriptions/{subscription_id:int}", guarded(disconnect), methods=["DELETE"]),
    Route("/unsigned", guarded(send_unsigned), methods=["POST"]),
    Route("/reset", guarded(reset), methods=["POST"]),
]
