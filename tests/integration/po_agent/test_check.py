"""`po-agent check` and `chat`: what is paused, where the product is looked for, and that nobody types before that is known.

The LangGraph server is played where one is needed: an HTTP server that answers the search for graphs.
"""

import asyncio
import builtins
import json
from typing import Any, NoReturn

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner

from po_agent.chat import chat
from po_agent.check import check_all
from po_agent.cli import app
from po_agent.findings import Finding, NotInOrder
from po_agent.langgraph_server import NobodyThere, check_langgraph
from po_agent.settings import Settings
from storage.engine import Database
from storage.pauses import Pauses
from tests.integration.po_agent.typing_commands import typed
from tests.integration.sandbox.serving import served
from tests.integration.storage.scenes import a_conversation


def settings(**given: Any) -> Settings:
    chosen = {"port": 9, "openai_api_key": None, "langgraph_url": None, "chatwoot_base_url": None}
    return Settings(_env_file=None, **(chosen | given))


def langgraph(answer: Response) -> Starlette:
    async def search(_: Request) -> Response:
        return answer

    return Starlette(routes=[Route("/assistants/search", search, methods=["POST"])])


async def found(name: str, **given: Any) -> Finding:
    return {finding.name: finding for finding in await check_all(settings(**given))}[name]


class TestPauses:
    async def test_nothing_is_paused(self, database: Database) -> None:
        finding = await found("pauses", database_url=database.url)
        assert (finding.ok, finding.warning, finding.detail) == (True, False, "nothing is paused")

    async def test_everything_is(self, database: Database) -> None:
        async with database.session() as session:
            await Pauses(session).pause(None, by="Marta")
            [pause] = await Pauses(session).all()
        finding = await found("pauses", database_url=database.url)
        assert (finding.ok, finding.warning) == (True, True)
        assert "Everything is paused since" in finding.detail
        assert pause.since.isoformat(timespec="seconds") in finding.detail
        assert "Marta" in finding.detail
        assert "`po-agent resume`" in finding.detail

    async def test_one_supplier_is(self, database: Database) -> None:
        async with database.session() as session:
            supplier_id = (await a_conversation(session)).supplier_id
            await Pauses(session).pause(supplier_id, by="Marta")
        finding = await found("pauses", database_url=database.url)
        assert finding.warning
        assert finding.detail.startswith("Molino is paused since")
        assert f"`po-agent resume --supplier {supplier_id}`" in finding.detail

    async def test_it_is_no_traceback_where_the_database_is_away(self) -> None:
        finding = await found("pauses", database_url="postgresql+psycopg://x:y@127.0.0.1:9/x")
        assert not finding.ok
        assert finding.detail.startswith("The database does not answer: check DATABASE_URL")
        assert "\n" not in finding.detail


class TestWhereTheProductIsLookedFor:
    async def test_the_address_and_how_to_name_another(self) -> None:
        with pytest.raises(NobodyThere, match=r"http://127\.0\.0\.1:9 was tried .* --port"):
            await check_langgraph(settings())

    async def test_a_server_of_its_own_is_not_at_any_port_of_ours(self) -> None:
        with pytest.raises(NobodyThere, match=r"http://127\.0\.0\.1:9 was tried .* LANGGRAPH_URL") as raised:
            await check_langgraph(settings(langgraph_url="http://127.0.0.1:9"))
        assert "--port" not in str(raised.value)

    @pytest.mark.parametrize("answer", [PlainTextResponse("Hello"), JSONResponse([]), JSONResponse({}, status_code=404)])
    async def test_another_program_is_no_traceback(self, answer: Response) -> None:
        async with served(langgraph(answer)) as url:
            with pytest.raises(NotInOrder, match="does not serve the graph"):
                await check_langgraph(settings(langgraph_url=url))

    async def test_check_looks_at_the_port_that_is_given(self, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        monkeypatch.delenv("LANGGRAPH_URL", raising=False)
        monkeypatch.setenv("PORT", "9")
        async with served(langgraph(JSONResponse([{"graph_id": "purchase_order"}]))) as url:
            words = ["check", "--json", "--port", url.rpartition(":")[2]]
            answer = await asyncio.to_thread(CliRunner().invoke, app, words)
        checks = {one["name"]: one for one in json.loads(answer.stdout)["checks"]}
        assert (checks["langgraph"]["ok"], checks["langgraph"]["detail"]) == (True, f"{url} serves purchase_order")


class TestChat:
    @pytest.fixture(autouse=True)
    def nobody_may_be_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def asked(_: str) -> NoReturn:
            raise AssertionError("It asked for words that nobody would answer.")

        monkeypatch.setattr(builtins, "input", asked)

    async def test_it_finds_out_before_it_asks_for_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(NobodyThere):
            await chat(settings(), supplier="Molino")
        assert capsys.readouterr().out == ""

    def test_it_says_so_on_one_line(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.delenv("LANGGRAPH_URL", raising=False)
        assert typed(monkeypatch, "chat", "--port", "9") == 1
        [line] = capsys.readouterr().err.splitlines()
        assert "127.0.0.1:9 was tried" in line
