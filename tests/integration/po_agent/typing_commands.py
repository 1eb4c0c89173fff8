"""Typing commands as a person does, and looking into the database behind them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
import structlog

from po_agent.cli import main
from storage.engine import Database

T = TypeVar("T")


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run the command line as it is run; its exit status. What `main` does not explain it raises."""
    monkeypatch.setattr("sys.argv", ["po-agent", *words])
    logs = structlog.get_config()
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        structlog.configure(**logs)  # else the tests after this one log into its captured, closed stream
    code = ended.value.code
    assert isinstance(code, int)
    return code


def on(url: str, act: Callable[[Database], Awaitable[T]]) -> T:
    """What `act` answers on the database."""

    async def run() -> T:
        database = Database(url)
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())
