"""Score readings against a file of labelled messages in the form of `docs/labelling.md`.

Pure: it reads no file and runs no reader. A case is right field by field; a **false binding** is a confirmation, change or
cancellation that the label does not have, or one taken without the person that the label calls for.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from domain.understanding import Intent, Language, OfferedLine, OpenOrderFacts, ReadingContext, Understanding
from domain.value import Value

_BINDING = frozenset({Intent.CONFIRM_ORDER, Intent.MODIFY_ORDER, Intent.CANCEL_ORDER})


class Expected(Value):
    """What a careful human would understand: the label of a case."""

    intent: Intent
    order_ref: str | None
    lines: tuple[OfferedLine, ...]
    delivery_date: date | None
    needs_human: bool


class Case(Value):
    """One labelled burst with the facts that its reader may know."""

    id: str
    channel: str
    language: Language
    messages: tuple[str, ...]
    context: ReadingContext
    expect: Expected


class Share(Value):
    """`right` of `of` cases; no cases at all count as all right."""

    right: int
    of: int

    @property
    def rate(self) -> float:
        """Between 0 and 1."""
        return self.right / self.of if self.of else 1.0


class Miss(Value):
    """A case that was read otherwise than labelled, and in which fields."""

    id: str
    fields: tuple[str, ...]
    messages: tuple[str, ...]
    expected: Expected
    read: Expected
    reason: str | None = None


Group = Literal["intent", "language", "channel"]


class Score(Value):
    """How a reader did on a file. `intent_where_decided` leaves out what it read as unclear."""

    cases: int
    decided: Share
    intent: Share
    intent_where_decided: Share
    order_ref: Share
    lines: Share = Field(description="Cases whose label has lines and whose lines are exact.")
    no_lines: Share = Field(description="Cases whose label has no lines and which were read without.")
    delivery_date: Share
    dates_told: Share = Field(description="Cases whose label has a date that was read.")
    language: Share
    needs_human_recall: Share
    needs_human_precision: Share
    false_bindings: tuple[str, ...]
    abstained: tuple[str, ...] = Field(description="Read as unclear though the label is not.")
    confusion: dict[str, dict[str, int]] = Field(description="Label's intent to the intent read, to count.")
    by_group: dict[str, dict[str, Share]] = Field(description="Intent right, by the label's intent, language and channel.")
    misses: tuple[Miss, ...]


def parse_cases(text: str) -> list[Case]:
    """The cases of a JSON-lines text. Raise `ValueError` naming the line that is not a labelled case."""
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"Line {number} is not a labelled case: {error}") from error
    return cases


def _case(raw: Mapping[str, Any]) -> Case:
    order = raw.get("open_order")
    facts = None
    if order is not None:
        lines = tuple(_line(line) for line in order["lines"])
        facts = OpenOrderFacts(ref=order["ref"], state=order["state"], lines=lines, delivery_date=order["delivery_date"])
    expect = raw["expect"]
    return Case(
        id=raw["id"],
        channel=raw["channel"],
        language=raw["language"],
        messages=tuple(raw["messages"]),
        context=ReadingContext(
            today=raw["today"],
            timezone=raw["timezone"],
            channel=raw["channel"],
            open_order=facts,
            last_agent_message=raw.get("last_agent_message"),
        ),
        expect=Expected(**{**expect, "lines": tuple(_line(line) for line in expect["lines"])}),
    )


def _line(raw: Mapping[str, Any]) -> OfferedLine:
    def number(value: float | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    return OfferedLine(
        product=raw["product"],
        quantity=number(raw["quantity"]),
        unit=raw["unit"],
        unit_price=number(raw["unit_price"]),
        currency=raw["currency"],
    )


def as_expected(reading: Understanding) -> Expected:
    """A reading in the form of a label."""
    return Expected(
        intent=reading.intent,
        order_ref=reading.order_ref,
        lines=reading.lines,
        delivery_date=reading.delivery_date,
        needs_human=reading.needs_human,
    )


def same_lines(one: Sequence[OfferedLine], other: Sequence[OfferedLine]) -> bool:
    """Whether lines are equal in words (case and spacing aside), quantity, unit, price and currency, in any order."""

    def key(line: OfferedLine) -> tuple[str, ...]:
        words = [" ".join((text or "").lower().split()) for text in (line.product, line.unit, line.currency)]
        numbers = ["" if n is None else f"{n.normalize():f}" for n in (line.quantity, line.unit_price)]
        return (*words, *numbers)

    return sorted(map(key, one)) == sorted(map(key, other))


def is_false_binding(expected: Expected, read: Expected) -> bool:
    """A binding intent that the label does not have, or without the person whom the label calls for."""
    if read.intent not in _BINDING:
        return False
    return read.intent is not expected.intent or (expected.needs_human and not read.needs_human)


def score(cases: Iterable[Case], readings: Mapping[str, Understanding]) -> Score:
    """Compare each case's reading (by case id) with its label. Raise `KeyError` if a case has none."""
    pairs = [(case, readings[case.id], as_expected(readings[case.id])) for case in cases]
    decided = [(case, read) for case, _, read in pairs if read.intent is not Intent.UNCLEAR]
    with_lines = [(case, read) for case, _, read in pairs if case.expect.lines]
    without = [(case, read) for case, _, read in pairs if not case.expect.lines]
    dated = [(case, read) for case, _, read in pairs if case.expect.delivery_date]
    called = [read for case, _, read in pairs if case.expect.needs_human]
    calls = [case for case, _, read in pairs if read.needs_human]
    confusion: dict[str, dict[str, int]] = {}
    for case, _, read in pairs:
        row = confusion.setdefault(case.expect.intent.value, {})
        row[read.intent.value] = row.get(read.intent.value, 0) + 1
    every = [(case, read) for case, _, read in pairs]
    return Score(
        cases=len(pairs),
        decided=Share(right=len(decided), of=len(pairs)),
        intent=_share(every, "intent"),
        intent_where_decided=_share(decided, "intent"),
        order_ref=_share(every, "order_ref"),
        lines=Share(right=sum(same_lines(c.expect.lines, r.lines) for c, r in with_lines), of=len(with_lines)),
        no_lines=Share(right=sum(not r.lines for _, r in without), of=len(without)),
        delivery_date=_share(every, "delivery_date"),
        dates_told=_share(dated, "delivery_date"),
        language=Share(right=sum(reading.language == case.language for case, reading, _ in pairs), of=len(pairs)),
        needs_human_recall=Share(right=sum(read.needs_human for read in called), of=len(called)),
        needs_human_precision=Share(right=sum(case.expect.needs_human for case in calls), of=len(calls)),
        false_bindings=tuple(case.id for case, read in every if is_false_binding(case.expect, read)),
        abstained=tuple(c.id for c, r in every if r.intent is Intent.UNCLEAR and c.expect.intent is not Intent.UNCLEAR),
        confusion=confusion,
        by_group=_by_group(every),
        misses=tuple(
            Miss(id=case.id, fields=fields, messages=case.messages, expected=case.expect, read=read, reason=reading.reason)
            for case, reading, read in pairs
            if (fields := differing_fields(case.expect, read))
        ),
    )


def differing_fields(expected: Expected, read: Expected) -> tuple[str, ...]:
    """The fields in which a reading differs from its label."""
    names = [
        name
        for name in ("intent", "order_ref", "delivery_date", "needs_human")
        if getattr(expected, name) != getattr(read, name)
    ]
    return (*names, *(() if same_lines(expected.lines, read.lines) else ("lines",)))


def _share(pairs: Sequence[tuple[Case, Expected]], field: str) -> Share:
    return Share(right=sum(getattr(c.expect, field) == getattr(r, field) for c, r in pairs), of=len(pairs))


def _by_group(pairs: Sequence[tuple[Case, Expected]]) -> dict[str, dict[str, Share]]:
    groups: dict[str, dict[str, list[tuple[Case, Expected]]]] = {"intent": {}, "language": {}, "channel": {}}
    for case, read in pairs:
        groups["intent"].setdefault(case.expect.intent.value, []).append((case, read))
        groups["language"].setdefault(case.language, []).append((case, read))
        groups["channel"].setdefault(case.channel, []).append((case, read))
    return {group: {key: _share(found, "intent") for key, found in keys.items()} for group, keys in groups.items()}
