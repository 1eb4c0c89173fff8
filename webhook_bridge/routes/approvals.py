"""`GET /approvals?status=&limit=` and `POST /approvals/{id}` `{decision, edit?, note?}`: what people are asked to decide."""

import re
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import InvalidInput
from domain.value import Value
from storage.approvals import APPROVAL_STATUSES, ApprovalNotFound, Approvals, Choice
from storage.decisions import decide
from webhook_bridge.bridge import Bridge
from webhook_bridge.http import body_as, limit_of
from webhook_bridge.views import approval_view


class DecisionRequest(Value):
    """`edit` goes with the decision edit: {"text": …} or {"parts": [texts]} for a reply. `note` is for our own team."""

    decision: Choice
    edit: dict[str, Any] | None = None
    note: str | None = Field(default=None, max_length=5_000)


def routes(bridge: Bridge) -> list[Route]:
    """Newest first; and the one door for decisions over HTTP."""

    async def several(request: Request) -> Response:
        status = request.query_params.get("status")
        if status is not None and status not in APPROVAL_STATUSES:
            raise InvalidInput(f"status is one of {', '.join(APPROVAL_STATUSES)}.")
        async with bridge.database.session() as session:
            found = await Approvals(session).newest(status=status, limit=limit_of(request, default=50))
        return JSONResponse({"approvals": [approval_view(approval) for approval in found]})

    async def decided(request: Request) -> Response:
        wanted = await body_as(request, DecisionRequest)
        async with bridge.database.session() as session:
            approval = await decide(
                session,
                _number(request.path_params["approval_id"]),
                wanted.decision,
                edit=wanted.edit,
                note=wanted.note,
                by="api",
                now=bridge.now(),
                further=bridge.consequences,
            )
        bridge.wake.ring()
        return JSONResponse(approval_view(approval))

    return [Route("/approvals", several), Route("/approvals/{approval_id}", decided, methods=["POST"])]


def _number(text: str) -> int:
    """Raise `ApprovalNotFound` for what cannot be one's number."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ApprovalNotFound(text[:60])
    return int(text)
