"""`po-agent reconcile`: one round of housekeeping now, beside the bridge that runs or without one."""

from po_agent.composition import bridge_settings
from po_agent.database import attached_database
from po_agent.partners import ProcessPartners
from po_agent.settings import Settings
from webhook_bridge.bridge import Bridge


async def reconcile_once(settings: Settings) -> dict[str, int | None]:
    """One round of housekeeping. What was missing is answered by the bridge that runs, or the next one to start.

    Raises `DatabaseUnavailable`; whatever else fails is None beside its name.
    """
    with attached_database(settings) as url:
        async with Bridge(bridge_settings(settings), partners=ProcessPartners()).connected(url) as bridge:
            await bridge.database.ping()
            return await bridge.housekeeping.once()
