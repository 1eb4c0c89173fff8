"""REST that fails as Chatwoot's does: before, after and long after its commit, by breaking, hanging, limits and being down.

Real: the stand-in, uvicorn, httpx. Nothing is faked.
"""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.stand_in import ACCOUNT, StandIn, messages_path


async def _set(stand_in: StandIn, **faults: Any) -> None:
    answer = await stand_in.user.post("/control/faults", json=faults)
    assert answer.status_code == 200, answer.text


async def _written(stand_in: StandIn, conversation_id: int) -> list[str]:
    listed = await stand_in.user.get(f"/control/messages?conversation_id={conversation_id}")
    return [message["content"] for message in listed.json()["messages"] if message["message_type"] == 1]


async def _post(stand_in: StandIn, conversation_id: int, content: str = "Gracias", *, timeout: float = 5.0) -> int | str:
    """The status, or what else became of it."""
    try:
        answer = await stand_in.user.post(messages_path(conversation_id), json={"content": content}, timeout=timeout)
    except httpx.RemoteProtocolError:
        return "reset"
    except httpx.ReadTimeout:
        return "timeout"
    return answer.status_code


@pytest.mark.parametrize(
    ("answer", "seen"), [("500", 500), ("422", 422), ("429", 429), ("502", 502), ("reset", "reset"), ("hang", "timeout")]
)
async def test_a_late_commit_is_answered_first_and_done_afterwards(stand_in: StandIn, answer: str, seen: int | str) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, late_commit_next=1, late_commit_seconds=0.6, late_commit_answer=answer)
    conversation_id = told["conversation_id"]
    assert await _post(stand_in, conversation_id, timeout=0.3) == seen
    assert await _written(stand_in, conversation_id) == []
    assert await _post(stand_in, conversation_id, "Otra") == 200, "Only one was to be late."
    await stand_in.receiver.until(lambda: len(stand_in.receiver.named("message_created")) == 3)
    assert await _written(stand_in, conversation_id) == ["Otra", "Gracias"]


async def test_reading_is_never_a_late_commit(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, late_commit_next=1)
    assert (await stand_in.user.get(messages_path(told["conversation_id"]))).status_code == 200
    assert (await stand_in.user.get("/control/faults")).json()["late_commit_next"] == 1


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ({"hang_next": 1}, "timeout"),
        ({"reset_next": 1}, "reset"),
        ({"answer_next": 1, "answer_status": 422}, 422),
        ({"answer_next": 1, "answer_status": 429}, 429),
    ],
)
async def test_failures_strike_before_or_after_the_commit(
    stand_in: StandIn, faults: dict[str, Any], seen: int | str, committed: bool
) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, fail_after_commit=committed, **faults)
    assert await _post(stand_in, told["conversation_id"], timeout=0.4) == seen
    assert await _written(stand_in, told["conversation_id"]) == (["Gracias"] if committed else [])
    assert await _post(stand_in, told["conversation_id"], "Otra") == 200


async def test_faults_may_concern_some_requests_only(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, answer_next=1, answer_status=500, method="POST", path="/messages$")
    path = f"{ACCOUNT}/conversations/{told['conversation_id']}"
    assert (await stand_in.user.get(messages_path(told["conversation_id"]))).status_code == 200
    assert (await stand_in.user.post(f"{path}/labels", json={"labels": ["a"]})).status_code == 200
    assert await _post(stand_in, told["conversation_id"]) == 500
    assert await _post(stand_in, told["conversation_id"]) == 200


@pytest.mark.parametrize("faults", [{"path": "("}, {"down_answer": "soon"}, {"late_commit_answer": "200"}, {"hang_next": True}])
async def test_faults_that_mean_nothing_are_refused(stand_in: StandIn, faults: dict[str, Any]) -> None:
    assert (await stand_in.user.post("/control/faults", json=faults)).status_code == 422


@pytest.mark.parametrize(("answer", "seen"), [("502", 502), ("reset", "reset"), ("hang", "timeout")])
async def test_down_for_a_while_nothing_is_done_and_webhooks_wait(stand_in: StandIn, answer: str, seen: int | str) -> None:
    told = await stand_in.incoming()
    receiver = stand_in.receiver
    await receiver.until(lambda: bool(receiver.named("contact_updated")))
    went = await stand_in.user.post("/control/down", json={"seconds": 1.0, "answer": answer})
    assert went.status_code == 200
    arrived = receiver.posts
    assert await _post(stand_in, told["conversation_id"], timeout=0.3) == seen
    later = await stand_in.incoming(content="Escrito entretanto")
    await asyncio.sleep(0.2)
    assert receiver.posts == arrived
    await receiver.until(lambda: any(e["id"] == later["message_id"] for e in receiver.named("message_created")))
    assert await _written(stand_in, told["conversation_id"]) == []
    assert await _post(stand_in, told["conversation_id"]) == 200


async def test_down_until_told_otherwise(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await stand_in.user.post("/control/down", json={"seconds": 0.2})
    await stand_in.user.post("/control/down", json={})
    await asyncio.sleep(0.4)
    assert await _post(stand_in, told["conversation_id"]) == 502, "The first period's end must not end the second."
    await stand_in.user.delete("/control/down")
    assert await _post(stand_in, told["conversation_id"]) == 200


async def test_a_hanging_request_ends_when_its_caller_has_gone(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, hang_next=1, hang_seconds=600.0)
    begun = time.monotonic()
    assert await _post(stand_in, told["conversation_id"], timeout=0.2) == "timeout"
    assert await _post(stand_in, told["conversation_id"]) == 200
    assert time.monotonic() - begun < 5


async def test_both_of_chatwoots_limits(stand_in: StandIn) -> None:
    told = await stand_in.incoming()
    await _set(stand_in, messages_per_minute=3)
    answers = [await _post(stand_in, told["conversation_id"]) for _ in range(4)]
    assert answers == [200, 200, 422, 422]
    flooded = await stand_in.user.post(messages_path(told["conversation_id"]), json={"content": "x"})
    assert flooded.json() == {"error": "Validation failed: Too many messages"}
    await _set(stand_in, messages_per_minute=200, requests_per_minute=7)
    answers = [await _post(stand_in, told["conversation_id"]) for _ in range(4)]
    assert answers == [200, 200, 429, 429], "Five requests were made before, and seven may be."
    throttled = await stand_in.user.get(messages_path(told["conversation_id"]))
    assert (throttled.text, throttled.headers.get("retry-after")) == ("Retry later\n", None)
