"""One root of errors, in three families, each class saying whether trying again can help.

The first paragraph of a class's docstring is the message a person sees, so it says what to do. `code` is what programs
compare (it is also the `code` of HTTP errors); `detail` is what was found this time.
"""

import inspect
from typing import ClassVar


class AgentError(RuntimeError):
    """Something went wrong in the purchase-order agent.

    A `RuntimeError`, because the LangGraph server tells its callers the message of Python's own errors, and of all others
    nothing but the class.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        summary = " ".join((inspect.getdoc(type(self)) or "").split("\n\n")[0].split())
        super().__init__(f"{summary} {detail}".strip())


class InvalidInput(AgentError):
    """The input cannot be used as it is: correct it and send it again."""

    code = "invalid_input"


class NotAllowed(AgentError):
    """This is not permitted: ask someone who may do it."""

    code = "not_allowed"


class UpstreamError(AgentError):
    """A service we depend on failed: it is safe to try again later."""

    code = "upstream_error"
    retryable = True


class NotFound(InvalidInput):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"


class ImpossibleTransition(InvalidInput):
    """The state does not allow this step: read the present state and decide again."""

    code = "impossible_transition"


class StaleAttempt(NotAllowed):
    """Another attempt has taken this turn over: this one ends without effect."""

    code = "stale_attempt"


class TurnSuperseded(NotAllowed):
    """The world changed before anything binding was done: the turn starts over with what is new."""

    code = "turn_superseded"
