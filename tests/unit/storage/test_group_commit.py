"""Who waits for the same commit shares it; nobody waits for nothing, and nobody overtakes their own."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from storage.group_commit import GroupCommit


class Gate:
    """A commit that notes its groups, and ends when the test says so."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.open = asyncio.Event()
        self.failure: Exception | None = None

    async def commit(self, items: Sequence[str]) -> list[str]:
        self.groups.append(list(items))
        await self.open.wait()
        if self.failure:
            raise self.failure
        return [item.upper() for item in items]

    def group_commit(self, **changes: Any) -> GroupCommit[str, str]:
        """Items share a key if they begin with the same letter."""
        given: dict[str, Any] = {"keys_of": lambda item: [item[0]], "most": 3, "parallel": 1}
        return GroupCommit(self.commit, **(given | changes))


async def begun(group: GroupCommit[str, str], *items: str) -> list[asyncio.Task[str]]:
    """The items, each added by a caller of its own, as far as they come without anything ending."""
    tasks = [asyncio.create_task(group.add(item)) for item in items]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_whoever_is_alone_is_committed_at_once_and_who_comes_meanwhile_goes_together() -> None:
    gate = Gate()
    tasks = await begun(gate.group_commit(), "a", "b", "c", "d", "e")
    assert gate.groups == [["a"]]
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D", "E"]
    assert gate.groups == [["a"], ["b", "c", "d"], ["e"]]


async def test_no_more_groups_are_under_way_than_may_be() -> None:
    gate = Gate()
    tasks = await begun(gate.group_commit(parallel=2), "a", "b", "c", "d")
    assert gate.groups == [["a"], ["b"]]
    gate.open.set()
    await asyncio.gather(*tasks)
    assert gate.groups[2:] == [["c", "d"]]


async def test_items_with_a_common_key_are_never_together_and_keep_their_order() -> None:
    gate = Gate()
    group = gate.group_commit(parallel=5, most=9)
    tasks = await begun(group, "a1", "a2", "b1", "a3", "b2")
    assert gate.groups == [["a1"], ["b1"]]
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["A1", "A2", "B1", "A3", "B2"]
    for letter in "ab":
        order = [item for items in gate.groups for item in items if item.startswith(letter)]
        assert order == sorted(order)
        assert all(len([item for item in items if item.startswith(letter)]) <= 1 for items in gate.groups)


async def test_what_fails_is_told_to_everybody_in_its_group() -> None:
    gate = Gate()
    first, *others = await begun(gate.group_commit(), "a", "b", "c")
    gate.failure = ValueError("no")
    gate.open.set()
    for task in (first, *others):
        with pytest.raises(ValueError, match="no"):
            await asyncio.wait_for(task, 5)
    assert gate.groups == [["a"], ["b", "c"]]


async def test_after_a_failure_its_key_is_free_again() -> None:
    gate = Gate()
    group = gate.group_commit()
    gate.failure = ValueError("no")
    gate.open.set()
    [task] = await begun(group, "a1")
    assert isinstance(task.exception(), ValueError)
    gate.failure = None
    assert await asyncio.wait_for(group.add("a2"), 5) == "A2"


async def test_a_caller_who_goes_away_disturbs_nobody() -> None:
    gate = Gate()
    group = gate.group_commit()
    first, second, third = await begun(group, "a", "b", "c")
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    gate.open.set()
    assert await asyncio.wait_for(third, 5) == "C"
    assert await asyncio.wait_for(group.add("a"), 5) == "A"
