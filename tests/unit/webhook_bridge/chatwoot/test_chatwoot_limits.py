"""How often Chatwoot is called. Time is real, so the limits are small."""

import asyncio
import time

from webhook_bridge.chatwoot.limits import MESSAGES_PER_MINUTE, REQUESTS_PER_MINUTE, Limits


def test_people_have_room_beside_us() -> None:
    assert REQUESTS_PER_MINUTE < 3000
    assert MESSAGES_PER_MINUTE < 200


async def test_a_quarter_goes_at_once_and_the_rest_one_by_one() -> None:
    limits = Limits(requests_per_minute=400, messages_per_minute=1)
    began = time.monotonic()
    for _ in range(100):
        await limits.request()
    assert time.monotonic() - began < 0.5
    for _ in range(5):
        await limits.request()
    # 300 a minute after the first 100, so that no minute sees more than 400.
    assert time.monotonic() - began >= 5 * 60 / 300 - 0.3


async def test_conversations_do_not_hold_each_other_up() -> None:
    limits = Limits(requests_per_minute=1000, messages_per_minute=4)
    began = time.monotonic()
    for number in range(50):
        await limits.message(account_id=1, conversation_id=number)
        await limits.message(account_id=2, conversation_id=number)
    assert time.monotonic() - began < 0.5
    second = asyncio.create_task(limits.message(account_id=1, conversation_id=7))
    await asyncio.sleep(0.3)
    assert not second.done()
    second.cancel()


async def test_memory_is_bounded_and_what_was_used_last_is_kept() -> None:
    limits = Limits(requests_per_minute=40, messages_per_minute=4)
    for number in range(1000):
        await limits.message(account_id=1, conversation_id=number)
    assert len(limits._conversations) == 40
    assert (1, 999) in limits._conversations
