"""The bridge's routes, each guarded as it must be."""

from starlette.routing import Route

from webhook_bridge.bridge import Bridge
from webhook_bridge.http import closed, with_other_methods_refused
from webhook_bridge.routes import approvals, conversations, health, messages, metrics, orders, outbound, webhook

#: Everything else needs the token. The webhook has its signature; the health pair tells nothing.
OPEN_PATHS = frozenset({webhook.PATH, "/health", "/ready"})


def bridge_routes(bridge: Bridge) -> list[Route]:
    """All of them. `bridge` need not run yet."""
    routes = [
        route
        for resource in (webhook, outbound, messages, conversations, orders, approvals, health, metrics)
        for route in resource.routes(bridge)
    ]
    return with_other_methods_refused(closed(routes, token=bridge.settings.api_token, open_paths=OPEN_PATHS))
