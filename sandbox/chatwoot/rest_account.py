"""What belongs to the account as a whole: its inboxes, its webhook subscriptions, and whose token this is."""

import secrets

from starlette.responses import Response
from starlette.routing import Route

from sandbox.chatwoot.errors import not_found, record_invalid, unprocessable
from sandbox.chatwoot.records import INBOXES, Subscription
from sandbox.chatwoot.rest import ACCOUNT, Call, guarded, head_ok, ok
from sandbox.chatwoot.rest_payloads import inbox_rest, profile_rest, subscription_rest
from sandbox.chatwoot.webhooks import EVENTS


async def list_inboxes(call: Call) -> Response:
    """The four inboxes."""
    return ok({"payload": [inbox_rest(call.sandbox, inbox) for inbox in INBOXES]})


async def show_inbox(call: Call) -> Response:
    """One inbox."""
    for inbox in INBOXES:
        if inbox.id == call.request.path_params["inbox_id"]:
            return ok(inbox_rest(call.sandbox, inbox))
    raise not_found()


async def list_webhooks(call: Call) -> Response:
    """The subscriptions, with their secrets."""
    subscriptions = [row for row in call.sandbox.store.all(Subscription) if row.kind == "account"]
    return ok({"payload": {"webhooks": [subscription_rest(call.sandbox, row) for row in subscriptions]}})


async def create_webhook(call: Call) -> Response:
    """Subscribe a URL; the secret is made here and cannot be set."""
    source = call.mapping("webhook") or call.body
    url, wanted = source.get("url"), source.get("subscriptions") or []
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise record_invalid("Url is invalid", "url")
    if any(row.url == url for row in call.sandbox.store.all(Subscription)):
        raise record_invalid("Url has already been taken", "url")
    if not isinstance(wanted, list) or not wanted or not set(wanted) <= set(EVENTS):
        raise unprocessable("Invalid subscriptions")
    subscription = Subscription(
        id=call.sandbox.store.next_id(Subscription),
        url=url,
        name=str(source.get("name") or ""),
        subscriptions=wanted,
        secret=secrets.token_urlsafe(18),
    )
    await call.sandbox.store.save(subscription)
    return ok({"payload": {"webhook": subscription_rest(call.sandbox, subscription)}})


async def delete_webhook(call: Call) -> Response:
    """Unsubscribe."""
    subscription = call.record(Subscription, "webhook_id")
    if subscription.kind != "account":
        raise not_found()
    await call.sandbox.store.delete(subscription)
    return head_ok()


async def show_profile(call: Call) -> Response:
    """The token's user."""
    return ok(profile_rest(call.sandbox))


ROUTES = [
    Route("/v1/profile", guarded(show_profile), methods=["GET"]),
    Route(ACCOUNT + "/inboxes", guarded(list_inboxes), methods=["GET"]),
    Route(ACCOUNT + "/inboxes/{inbox_id:int}", guarded(show_inbox), methods=["GET"]),
    Route(ACCOUNT + "/webhooks", guarded(list_webhooks), methods=["GET"]),
    Route(ACCOUNT + "/webhooks", guarded(create_webhook), methods=["POST"]),
    Route(ACCOUNT + "/webhooks/{webhook_id:int}", guarded(delete_webhook), methods=["DELETE"]),
]
