"""`python -m tests.bench [NAME…] [--no-check]`: the measures of that name, else all, one JSON line each on standard output.

What a person reads meanwhile goes to standard error. The exit status is 1 if a bound is missed, unless `--no-check`.
"""

import argparse
import importlib
import json
import sys

import structlog

from tests.bench.figures import note

#: In this order.
MEASURES = ("acknowledgement", "reply_overhead", "burst", "checkpoints", "memory", "claim")


def main(words: list[str]) -> int:
    """Run them; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Speed and memory, as ratios within one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; all unless given")
    parser.add_argument("--no-check", action="store_true", help="a missed bound is printed and does not fail")
    given = parser.parse_args(words)
    if unknown := set(given.names) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")

    # Standard output is for the figures alone.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    missed = []
    for name in MEASURES:
        if given.names and name not in given.names:
            continue
        note(name)
        # Imported only where it is asked for: each brings its own part of the product with it.
        for line in importlib.import_module(f"tests.bench.{name}").measure():
            print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201
            if line.get("ok") is False:
                missed.append(line)
    for line in missed:
        note(f"a bound is missed: {json.dumps(line, ensure_ascii=False)}")
    return 1 if missed and not given.no_check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
