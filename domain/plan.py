"""The plan of a turn: steps that policy has already judged. It is stored before anything is done.

A second attempt carries the stored plan out; it never asks a model, or policy, again.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field

from domain.value import Value


class Verdict(StrEnum):
    """What policy says of a step."""

    DO = "do"
    ASK = "ask"
    PROPOSE = "propose"
    REFUSE = "refuse"


class Action(StrEnum):
    """What a step is about. Where it is the name of a tool, carrying the step out means calling that tool."""

    CREATE_QUOTE = "create_purchase_quote"
    CONFIRM_ORDER = "confirm_purchase_order"
    CHECK_STATUS = "check_order_status"
    TELL_PERSON = "tell_person"
    SMALLTALK = "smalltalk"
    CLARIFY = "clarify"


class Decision(Value):
    """A verdict, the rule that gave it (named in `docs/policy.md`), why, and the facts that speak for it.

    `case` is all that policy was given, limits included: judged again, it gives this decision (`domain.policy.judge_again`).
    """

    verdict: Verdict
    rule: str
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)
    case: dict[str, Any] = Field(default_factory=dict)


class Step(Value):
    """One thing to be done, asked, proposed or refused. `number` counts from 1 and is part of the operation's key.

    `facts` and `case` are the decision's.
    """

    number: int
    action: Action
    verdict: Verdict
    rule: str
    reason: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    case: dict[str, Any] = Field(default_factory=dict)


class Plan(Value):
    """The steps of a turn, in the order they are taken."""

    steps: tuple[Step, ...] = ()


class Outcome(Value):
    """What came of a step: what the reply is written from. `kind` names the phrase, `facts` fill it."""

    step: int
    kind: str
    facts: dict[str, Any] = Field(default_factory=dict)
