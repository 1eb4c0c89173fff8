"""`po-agent reconcile`: one sweep now, beside the bridge that runs or without one."""

from po_agent.composition import bridge_settings
from po_agent.database import attached_database
from po_agent.settings import Settings
from webhook_bridge.bridge import Bridge
from webhook_bridge.reconcile import Swept


async def reconcile_once(settings: Settings) -> Swept:
    """Compare Chatwoot with our tables. What was missing is answered by the bridge that runs, or the next one to start."""
    with attached_database(settings) as url:
        async with Bridge(bridge_settings(settings)).connected(url) as bridge:
            return await bridge.reconciler.sweep()
