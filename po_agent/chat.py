"""`po-agent chat`: speak as a supplier from the terminal, through the LangGraph SDK, as any other agent of the house would."""

import asyncio
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import httpx
import typer
from langgraph_sdk import get_client

from po_agent.langgraph_server import address_of, check_langgraph, nobody_there
from po_agent.settings import Settings


async def chat(settings: Settings, *, supplier: str) -> None:
    """Read lines until end of input (Ctrl-D) and print what the agent answers. Raises as `check_langgraph` does."""
    await check_langgraph(settings)
    client = get_client(url=address_of(settings), api_key=settings.langgraph_api_key.get_secret_value())
    # The same name comes back to the same thread: a supplier's active conversation lives on one only.
    thread_id = str(uuid5(NAMESPACE_URL, f"po-agent-chat:{supplier}"))
    typer.echo(f"You are {supplier}. Write, or end with Ctrl-D.")
    while True:
        try:
            words = (await asyncio.to_thread(input, "> ")).strip()
        except EOFError:
            return
        if not words:
            continue
        said: dict[str, Any] = {
            "supplier": supplier,
            "messages": [{"role": "user", "content": words, "id": str(uuid4())}],
        }
        try:
            answer: Any = await client.runs.wait(
                thread_id, "purchase_order", input=said, if_not_exists="create", raise_error=False
            )
        except httpx.TransportError as error:
            raise nobody_there(settings, error) from error
        failed = answer.get("__error__")
        typer.echo(f"! {failed['message']}" if failed else "\n".join(answer["reply"]))
