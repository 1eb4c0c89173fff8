"""One POST of one webhook: the exact bytes, the signature over them, and what became of it (`lib/webhooks/trigger.rb`)."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from sandbox.chatwoot.rails_json import rails_json, sign
from sandbox.chatwoot.records import Subscription


@dataclass(frozen=True)
class Delivery:
    """What became of one webhook. `status` is the answer's, or None with `error` set; a dropped one has neither.

    `kind` is the subscription's; `attempt` counts from 1 (an agent bot's webhook is tried again, with the same id).
    """

    delivery_id: str
    event: str
    record_id: int | None
    status: int | None = None
    error: str | None = None
    dropped: bool = False
    kind: str = "account"
    attempt: int = 1

    @property
    def accepted(self) -> bool:
        """Only 2xx is success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def failure(self) -> str:
        """The error in Chatwoot's words."""
        if self.status is None:
            return self.error or ""
        known = {status.value: status.phrase for status in HTTPStatus}
        return f"{self.status} {known.get(self.status, '')}".strip()


async def post_webhook(
    client: httpx.AsyncClient, subscription: Subscription, payload: dict[str, Any], *, delivery_id: str, attempt: int
) -> Delivery:
    """Post it once. A subscription without a secret (macros, automations) gets neither signature nor delivery id."""
    body = rails_json(payload)
    timestamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Ruby"}
    if subscription.secret:
        headers |= {
            "X-Chatwoot-Delivery": delivery_id,
            "X-Chatwoot-Timestamp": timestamp,
            "X-Chatwoot-Signature": sign(subscription.secret, timestamp, body),
        }
    event, record_id = payload["event"], payload.get("id")
    status: int | None = None
    error: str | None = None
    try:
        status = (await client.post(subscription.url, content=body, headers=headers)).status_code
    except httpx.HTTPError as problem:
        error = repr(problem)
    return Delivery(delivery_id, event, record_id, status, error, kind=subscription.kind, attempt=attempt)
