"""One root, three families; the docstring is the message, and every class can be told by its code."""

import inspect
from collections import Counter

import pytest

import storage.conversations
import storage.engine
import storage.messages
import storage.suppliers
import storage.turns  # noqa: F401  (each defines errors)
import webhook_bridge.outbound  # noqa: F401
from domain.errors import AgentError, InvalidInput, NotAllowed, StaleAttempt, TurnSuperseded, UpstreamError

OURS = ("domain.", "storage.", "webhook_bridge.")


def _all(root: type[AgentError] = AgentError) -> list[type[AgentError]]:
    below = [each for child in root.__subclasses__() for each in _all(child)]
    return [kind for kind in [root, *below] if kind.__module__.startswith(OURS)]


@pytest.mark.parametrize("kind", _all(), ids=lambda kind: kind.__name__)
def test_the_message_is_the_classs_own_docstring(kind: type[AgentError]) -> None:
    assert kind.__doc__, "it must say in its own words what to do"
    summary = " ".join(inspect.cleandoc(kind.__doc__).split("\n\n")[0].split())
    error = AgentError.__new__(kind)
    AgentError.__init__(error, "order P00045")
    assert str(error) == f"{summary} order P00045"
    assert error.detail == "order P00045"
    AgentError.__init__(error)
    assert str(error) == summary


@pytest.mark.parametrize("kind", [kind for kind in _all() if kind is not AgentError], ids=lambda kind: kind.__name__)
def test_every_error_belongs_to_one_family_and_only_upstream_may_be_tried_again(kind: type[AgentError]) -> None:
    assert len([family for family in (InvalidInput, NotAllowed, UpstreamError) if issubclass(kind, family)]) == 1
    assert kind.retryable is issubclass(kind, UpstreamError)


def test_codes_tell_errors_apart() -> None:
    counted = Counter(kind.code for kind in _all())
    assert [code for code, count in counted.items() if count > 1] == []
    assert all(code.isidentifier() and code.islower() for code in counted)


def test_only_the_first_paragraph_is_shown() -> None:
    class LongError(InvalidInput):
        """Give a number
        from 1 to 9.

        This is for the reader of the code.
        """

    assert str(LongError("It was 10.")) == "Give a number from 1 to 9. It was 10."


def test_a_stale_or_superseded_attempt_is_not_to_be_repeated_as_it_is() -> None:
    assert not StaleAttempt.retryable
    assert not TurnSuperseded.retryable
