"""What can be made to go wrong: REST answers that fail, come late or never, and webhooks lost, doubled, swapped or late.

Failing *after* the work was done matters most: the caller sees an error and the message exists all the same, at once
(`fail_after_commit`) or a while later (`late_commit_next`). `fault_middleware` does what is set here.
"""

import random
import re
from dataclasses import asdict, dataclass, field
from typing import Any

#: How a request may be failed: by a status, by a connection that breaks, or by no answer at all.
RESET, HANG = "reset", "hang"


@dataclass
class WebhookFaults:
    """Counts for the next webhooks (of one event, if `event` is set), and rates for all of them.

    A doubled webhook has a new delivery id, as when Chatwoot's job ran twice, unless `duplicate_same_id`. Times in seconds.
    """

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay: int = 0
    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    reorder_rate: float = 0.0
    delay_rate: float = 0.0
    duplicate_same_id: bool = False
    duplicate_after_seconds: float = 0.0
    delay_seconds: float = 2.0
    event: str | None = None

    def wants(self, fault: str, event: str) -> bool:
        """Whether this webhook is to suffer `fault` (drop, duplicate, reorder or delay); a count is used up."""
        if self.event is not None and event != self.event:
            return False
        left = int(getattr(self, fault))
        if left > 0:
            setattr(self, fault, left - 1)
            return True
        return random.random() < float(getattr(self, f"{fault}_rate"))  # noqa: S311 - chance, not secrecy


@dataclass
class Faults:
    """All faults. `method` and `path` (a regular expression) narrow those of REST to some requests. Times in seconds.

    The next `answer_next` requests get `answer_status`, `reset_next` lose their connection half-way, `hang_next` get no
    answer for `hang_seconds`; `fail_after_commit` says whether these were worked on all the same. The next
    `late_commit_next` writes are answered by `late_commit_answer` (a status, "reset" or "hang") and done
    `late_commit_seconds` later. While `down`, every request gets `down_answer` (the same), nothing is done, and webhooks
    wait. `requests_per_minute` over which all get 429 (Chatwoot's 3000 hold in production only, so 0, none, unless set).
    `fail_deliveries` outgoing messages are refused by the channel; while `hold_receipts` it says nothing of any.
    """

    failure_rate: float = 0.0
    failure_status: int = 500
    answer_next: int = 0
    answer_status: int = 503
    reset_next: int = 0
    hang_next: int = 0
    hang_seconds: float = 30.0
    fail_after_commit: bool = False
    late_commit_next: int = 0
    late_commit_seconds: float = 5.0
    late_commit_answer: str = "500"
    latency_before_seconds: float = 0.0
    latency_after_seconds: float = 0.0
    method: str | None = None
    path: str | None = None
    down: bool = False
    down_answer: str = "502"
    requests_per_minute: int = 0
    messages_per_minute: int = 200
    fail_deliveries: int = 0
    delivery_error: str = "131026: Message undeliverable"
    hold_receipts: bool = False
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)

    def update(self, changes: dict[str, Any]) -> None:
        """Set the named faults. Raise `ValueError` for a name, type or value that is not known."""
        nested = dict(changes)
        webhooks = nested.pop("webhooks", {})
        if not isinstance(webhooks, dict):
            raise ValueError("webhooks must be an object.")
        for target, values in ((self, nested), (self.webhooks, webhooks)):
            known = asdict(type(target)())  # The types are those of the defaults.
            for name, value in values.items():
                if name not in known or name == "webhooks":
                    raise ValueError(f"There is no fault named {name!r}. Known: {', '.join(sorted(known))}.")
                _check(name, value, like=known[name])
        for target, values in ((self, nested), (self.webhooks, webhooks)):
            for name, value in values.items():
                setattr(target, name, value)

    def clear(self) -> None:
        """All well again."""
        self.update(asdict(Faults()))

    def to_json(self) -> dict[str, Any]:
        """All faults as they are set now."""
        return asdict(self)

    def concern(self, method: str, path: str) -> bool:
        """Whether `method` and `path` leave this request to be failed."""
        return self.method in (None, method) and (self.path is None or re.search(self.path, path) is not None)

    def commits_late(self, method: str) -> bool:
        """Whether this request is to be done later than it is answered; a count is used up."""
        if method == "GET" or self.late_commit_next <= 0:
            return False
        self.late_commit_next -= 1
        return True

    def next_failure(self) -> str | None:
        """How the next request is failed: a status, "reset" or "hang"; a count is used up. None: not at all."""
        for count, failure in (
            ("reset_next", RESET),
            ("hang_next", HANG),
            ("answer_next", str(self.answer_status)),
        ):
            left = int(getattr(self, count))
            if left > 0:
                setattr(self, count, left - 1)
                return failure
        return str(self.failure_status) if random.random() < self.failure_rate else None  # noqa: S311 - chance, not secrecy


def _check(name: str, value: object, *, like: object) -> None:
    if isinstance(like, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif like is None:
        fits = value is None or isinstance(value, str)
    else:
        fits = type(value) is type(like)
    if not fits:
        raise ValueError(f"{name} must be a {'str' if like is None else type(like).__name__}.")
    if name.endswith("_answer") and not re.fullmatch(rf"[45]\d\d|{RESET}|{HANG}", str(value)):
        raise ValueError(f'{name} must be a status such as "500", "{RESET}" or "{HANG}".')
    if name == "path" and isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}.") from error
