"""What waits for the same commit goes into it together: the price of a commit is shared by all who arrive while one is made.

Whoever comes first does not wait for others; those who come while commits are under way go together into the next. So a
lone caller loses nothing, and under load a commit carries as many as have gathered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from functools import partial
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Gives items to `commit` in groups, and each caller its own result. Belongs to one event loop.

    `commit` answers one result for each item, in their order; what it raises, every caller of the group gets. `keys_of` names
    what an item touches: items that share a key are never under way together, and keep their order. At most `most` items go
    into a group, and at most `parallel` groups are under way: while the database writes one, the next can be made.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        keys_of: Callable[[Item], Collection[Hashable]],
        most: int,
        parallel: int,
    ) -> None:
        self._commit = commit
        self._keys_of = keys_of
        self._most = most
        self._parallel = parallel
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._busy: set[Hashable] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    async def add(self, item: Item) -> Result:
        """The item's result, once it is committed."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        self._begin()
        return await done

    def _begin(self) -> None:
        while len(self._under_way) < self._parallel and (group := self._next_group()):
            keys = {key for item, _ in group for key in self._keys_of(item)}
            self._busy |= keys
            task = asyncio.create_task(self._carry(group))
            self._under_way.add(task)
            task.add_done_callback(partial(self._ended, keys))

    def _ended(self, keys: set[Hashable], task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._busy -= keys
        self._begin()

    def _next_group(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        group: list[tuple[Item, asyncio.Future[Result]]] = []
        left: list[tuple[Item, asyncio.Future[Result]]] = []
        met = set(self._busy)
        for waiting in self._waiting:
            keys = self._keys_of(waiting[0])
            is_free = len(group) < self._most and met.isdisjoint(keys)
            (group if is_free else left).append(waiting)
            met.update(keys)
        self._waiting = left
        return group

    async def _carry(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._commit([item for item, _ in group])
        except BaseException as error:
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, done), result in zip(group, results, strict=True):
                # A caller may have gone away meanwhile.
                if not done.done():
                    done.set_result(result)
