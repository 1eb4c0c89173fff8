"""Is the LangGraph server there, does it know our key, and does it serve our graph?"""

from typing import Any

import httpx

from domain.errors import UpstreamError
from po_agent.findings import NotInOrder
from po_agent.settings import Settings


class NobodyThere(UpstreamError):
    """The LangGraph server does not answer."""

    code = "nobody_there"


def nobody_there(settings: Settings, error: Exception) -> NobodyThere:
    """The error that names the address which was tried, and how to name another."""
    tried = f"{address_of(settings)} was tried ({type(error).__name__})"
    if settings.langgraph_url is not None:
        return NobodyThere(f"{tried}: start it there, or correct LANGGRAPH_URL.")
    return NobodyThere(f"{tried}: start the product with `make run`, or name the port it runs on with --port.")


def address_of(settings: Settings) -> str:
    """Where it is: of its own, or this program's, that it is mounted in."""
    return settings.langgraph_url or settings.home


async def check_langgraph(settings: Settings) -> str:
    """What it serves, and where. Raises `NobodyThere`, and `NotInOrder` if it is there and not as it should be."""
    url = address_of(settings)
    key = {"x-api-key": settings.langgraph_api_key.get_secret_value()}
    async with httpx.AsyncClient(base_url=url, headers=key, timeout=5) as client:
        try:
            answer = await client.post("/assistants/search", json={"graph_id": "purchase_order"})
        except httpx.HTTPError as error:
            raise nobody_there(settings, error) from error
    if answer.status_code in (401, 403):
        raise NotInOrder(f"{url} refuses LANGGRAPH_API_KEY.")
    if not answer.is_success or not _found(answer):
        raise NotInOrder(f"{url} does not serve the graph purchase_order: is it another program's?")
    return f"{url} serves purchase_order"


def _found(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
