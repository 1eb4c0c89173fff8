"""Whether the model's server is there, over real HTTP; the server is played."""

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from po_agent.model_server import ModelServerDown, check_model
from po_agent.settings import Settings
from tests.integration.sandbox.serving import served


def settings(url: str, key: str = "right") -> Settings:
    return Settings(_env_file=None, openai_base_url=url, openai_api_key=SecretStr(key))


def server(status: int = 200) -> Starlette:
    async def models(request: Request) -> Response:
        known = request.headers.get("authorization") == "Bearer right"
        return JSONResponse({"data": []}, status_code=status if known else 401)

    return Starlette(routes=[Route("/v1/models", models)])


async def test_it_is_there_and_knows_our_key() -> None:
    async with served(server()) as url:
        assert await check_model(settings(f"{url}/v1/")) == f"{url}/v1"
        with pytest.raises(ModelServerDown, match="401") as refused:
            await check_model(settings(f"{url}/v1", key="a-wrong-key"))
    assert "a-wrong-key" not in str(refused.value)


async def test_one_without_a_list_of_models_is_there_too() -> None:
    async with served(server(404)) as url:
        assert await check_model(settings(f"{url}/v1"))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_one_that_fails_is_not(status: int) -> None:
    async with served(server(status)) as url:
        with pytest.raises(ModelServerDown, match=str(status)):
            await check_model(settings(f"{url}/v1"))


async def test_nobody_there() -> None:
    with pytest.raises(ModelServerDown, match="ConnectError"):
        await check_model(settings("http://127.0.0.1:9/v1"))
