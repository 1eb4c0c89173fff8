"""How often we call Chatwoot: less than it allows, so that the people who work in it find room too.

Chatwoot takes 3000 requests a minute from one address (`rack_attack.rb`) and 200 messages a minute in one conversation
(`CONVERSATION_MESSAGE_PER_MINUTE_LIMIT`). Beyond that it refuses everybody, people included.
"""

from collections import OrderedDict

from aiolimiter import AsyncLimiter

REQUESTS_PER_MINUTE = 2400
MESSAGES_PER_MINUTE = 160


class Limits:
    """The limits of one event loop. In no minute are there more calls than these."""

    def __init__(self, *, requests_per_minute: int, messages_per_minute: int) -> None:
        self._messages_per_minute = messages_per_minute
        # With this many kept, one that is dropped was not used in the last minute: there are no more requests than that.
        self._kept = requests_per_minute
        self._requests = _limiter(requests_per_minute)
        self._conversations: OrderedDict[tuple[int, int], AsyncLimiter] = OrderedDict()

    async def request(self) -> None:
        """Wait for room for one more request."""
        await self._requests.acquire()

    async def message(self, *, account_id: int, conversation_id: int) -> None:
        """Wait for room for one more message in this Chatwoot conversation."""
        key = (account_id, conversation_id)
        limiter = self._conversations.setdefault(key, _limiter(self._messages_per_minute))
        self._conversations.move_to_end(key)
        if len(self._conversations) > self._kept:
            self._conversations.popitem(last=False)
        await limiter.acquire()


def _limiter(most: int) -> AsyncLimiter:
    """A quarter at once, the rest spread over the minute: together never more than `most` in one minute."""
    burst = most / 4
    return AsyncLimiter(burst, burst / (most - burst) * 60)
