"""How a judge works: named rules, asked in order; the first that speaks decides.

A rule is a plain function of the case and the limits: it answers what it objects to, or nothing. Its name is the function's,
is stored with the decision, and has a row in `docs/policy.md` (a test compares names, verdicts and order both ways).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from domain.plan import Decision, Verdict
from domain.policy.limits import PolicyLimits
from domain.value import Value


class Case(Value):
    """All the facts of one question to policy. What is not in it, no rule knows."""

    def shown(self, limits: PolicyLimits) -> dict[str, Any]:
        """The facts that are told with every decision of this case, whatever the rule."""
        return {}


C = TypeVar("C", bound=Case, contravariant=True)


@dataclass(frozen=True)
class Says:
    """What a rule says: why (a sentence for a person), and the facts that speak for it. Plain JSON types."""

    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule(Generic[C]):
    """A verdict, and what it takes to be given."""

    verdict: Verdict
    speaks: Callable[[C, PolicyLimits], Says | None]

    @property
    def name(self) -> str:
        """The name it is known by in decisions and documents."""
        return self.speaks.__name__


@dataclass(frozen=True)
class Rulebook(Generic[C]):
    """The rules of one question in their order, and what is decided when none of them speaks."""

    rules: tuple[Rule[C], ...]
    otherwise: Verdict
    otherwise_rule: str
    otherwise_reason: str

    def judge(self, case: C, limits: PolicyLimits) -> Decision:
        """The decision, with the whole case in it."""
        for rule in self.rules:
            says = rule.speaks(case, limits)
            if says is not None:
                return _decision(case, limits, verdict=rule.verdict, rule=rule.name, reason=says.reason, facts=says.facts)
        return _decision(case, limits, verdict=self.otherwise, rule=self.otherwise_rule, reason=self.otherwise_reason, facts={})

    @property
    def table(self) -> list[tuple[str, Verdict]]:
        """Every rule with its verdict, in order."""
        return [*((rule.name, rule.verdict) for rule in self.rules), (self.otherwise_rule, self.otherwise)]


def _decision(
    case: Case, limits: PolicyLimits, *, verdict: Verdict, rule: str, reason: str, facts: Mapping[str, Any]
) -> Decision:
    return Decision(
        verdict=verdict,
        rule=rule,
        reason=reason,
        facts=case.shown(limits) | dict(facts),
        case={"kind": type(case).__name__, "facts": case.to_json(), "limits": limits.to_json()},
    )


def do(speaks: Callable[[C, PolicyLimits], Says | None]) -> Rule[C]:
    """A rule by which the agent acts."""
    return Rule(Verdict.DO, speaks)


def ask(speaks: Callable[[C, PolicyLimits], Says | None]) -> Rule[C]:
    """A rule by which the supplier is asked back."""
    return Rule(Verdict.ASK, speaks)


def propose(speaks: Callable[[C, PolicyLimits], Says | None]) -> Rule[C]:
    """A rule by which a person decides."""
    return Rule(Verdict.PROPOSE, speaks)


def refuse(speaks: Callable[[C, PolicyLimits], Says | None]) -> Rule[C]:
    """A rule by which nothing is done, and whoever asked is told so."""
    return Rule(Verdict.REFUSE, speaks)
