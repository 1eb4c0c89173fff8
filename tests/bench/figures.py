"""How the bench sums up, and how it talks to who watches."""

import os
import sys
from collections.abc import Sequence
from statistics import median, quantiles


def p50(values: Sequence[float]) -> float:
    """The median."""
    return round(median(values), 3)


def p95(values: Sequence[float]) -> float:
    """Of at least two values: 95 of a hundred are not above it."""
    return round(quantiles(values, n=100, method="inclusive")[94], 3)


def asked(name: str, usual: str) -> list[int]:
    """The whole numbers, between commas, that the environment asks for by `name`, else the `usual` ones: for a smaller run."""
    return [int(word) for word in os.environ.get(name, usual).split(",")]


def note(words: str) -> None:
    """Progress, for a person: standard output is for the figures."""
    print(f"bench: {words}", file=sys.stderr, flush=True)  # noqa: T201
