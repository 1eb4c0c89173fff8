"""How a call to Chatwoot fails, told by what can be done about it.

Read from v4.16's controllers and `rack_attack.rb`: Chatwoot answers 401 where others say 403, and 422 for its own flood
limit. After `ChatwootUnavailable` nobody knows whether the call took effect (but for `ChatwootNotReached`): read back before
sending again.
"""

from typing import Any

import httpx

from domain.errors import InvalidInput, NotAllowed, UpstreamError


class ChatwootUnavailable(UpstreamError):
    """Chatwoot did not answer, or answered with an error of its own: the call may or may not have taken effect."""

    code = "chatwoot_unavailable"


class ChatwootNotReached(ChatwootUnavailable):
    """Chatwoot could not be connected to: nothing was done."""

    code = "chatwoot_not_reached"


class ChatwootRateLimited(UpstreamError):
    """Chatwoot refuses for now because there was too much (it does not say for how long): nothing was done, wait."""

    code = "chatwoot_rate_limited"


class ChatwootRejected(InvalidInput):
    """Chatwoot does not accept this request as it is: sending it again cannot help."""

    code = "chatwoot_rejected"


class ChatwootMisconfigured(NotAllowed):
    """Chatwoot refuses us: check CHATWOOT_BASE_URL, the token, its user's role and inboxes, and the account."""

    code = "chatwoot_misconfigured"


class ChatwootNotFound(ChatwootMisconfigured):
    """Chatwoot does not have it: it was deleted there, or address and account are not the right ones."""

    code = "chatwoot_not_found"


_FLOOD = "Too many messages"
"""200 messages a minute in one conversation; comes as 422 `Validation failed: Too many messages`."""


def check(response: httpx.Response) -> None:
    """Return for a 2xx answer; else raise the one of the errors above that fits."""
    if response.is_success:
        return
    status, said = response.status_code, _what_was_said(response)
    detail = f"It answered {status} to {response.request.method} {response.request.url.path}: {said}"
    if status == 429 or (status == 422 and _FLOOD in said):
        raise ChatwootRateLimited(detail)
    if status >= 500 or status == 408:
        raise ChatwootUnavailable(detail)
    if status == 404:
        raise ChatwootNotFound(detail)
    if status in (401, 403) or status < 400:
        raise ChatwootMisconfigured(detail)
    raise ChatwootRejected(detail)


def _what_was_said(response: httpx.Response) -> str:
    """The reason in any of the shapes Chatwoot has for it, shortened: a proxy may answer with a page of HTML."""
    try:
        body: Any = response.json()
    except ValueError:
        body = response.text
    if isinstance(body, dict):
        body = body.get("error") or body.get("message") or body.get("errors") or "nothing more"
    return " ".join(str(body).split())[:300]
