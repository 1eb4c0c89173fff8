"""Is the model's server there, and does it know our key? It is asked for its list of models, which costs no tokens."""

import asyncio

import httpx

from domain.errors import UpstreamError
from po_agent.settings import Settings

#: Where OpenAI's own is; the client library's default.
OPENAI = "https://api.openai.com/v1"


class ModelServerDown(UpstreamError):
    """The model's server does not answer us: check OPENAI_API_KEY and OPENAI_BASE_URL. Until then the offline reader reads."""

    code = "model_server_down"


async def check_model(settings: Settings) -> str:
    """Its address. Raise `ModelServerDown`. A server without a list of models (404) is there all the same."""
    url = (settings.openai_base_url or OPENAI).rstrip("/")
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    try:
        # Making a client reads certificates from disk.
        async with await asyncio.to_thread(httpx.AsyncClient, timeout=5) as client:
            answer = await client.get(f"{url}/models", headers={"Authorization": f"Bearer {key}"})
    except httpx.HTTPError as error:
        raise ModelServerDown(f"{url}: {type(error).__name__}.") from error
    if not answer.is_success and answer.status_code not in (404, 405):
        raise ModelServerDown(f"{url} answered {answer.status_code}.")
    return url
