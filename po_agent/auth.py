"""Who may use the LangGraph server's own routes: whoever has LANGGRAPH_API_KEY, as `x-api-key` or `Authorization: Bearer`.

In development, on loopback, requests without a key pass as `studio`, because LangGraph Studio is a hosted page that cannot
know the key. Anywhere else a request without the key is refused.
"""

import hmac
from ipaddress import ip_address

from langgraph_sdk import Auth
from starlette.requests import Request

from po_agent.composition import process_settings

auth = Auth()


@auth.authenticate
async def authenticate(request: Request, headers: dict[bytes, bytes]) -> Auth.types.MinimalUserDict:
    """The caller's identity. Raises 401 without the right key."""
    settings = process_settings()
    given = _key(headers)
    expected = settings.langgraph_api_key.get_secret_value().encode()
    if given is not None and hmac.compare_digest(given, expected):
        return {"identity": "house"}
    if given is None and settings.is_development and _is_loopback(request):
        return {"identity": "studio"}
    raise Auth.exceptions.HTTPException(status_code=401, detail="Send LANGGRAPH_API_KEY as x-api-key.")


def _key(headers: dict[bytes, bytes]) -> bytes | None:
    key = headers.get(b"x-api-key")
    if key is None and (bearer := headers.get(b"authorization", b"")).lower().startswith(b"bearer "):
        key = bearer[len(b"bearer ") :]
    return key


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
