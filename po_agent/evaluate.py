"""`po-agent eval`: measure readers on a file of labelled messages (`docs/labelling.md`)."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from domain.errors import InvalidInput
from domain.understanding import Reader, Understanding
from graphs.reading.evaluation import Case, Expected, Score, Share, as_expected, parse_cases, score
from graphs.reading.offline.interpreter import OfflineReader
from po_agent.composition import make_model_reader
from po_agent.settings import Settings

_SHARES = {
    "intent": "intent right",
    "decided": "decided (not unclear)",
    "intent_where_decided": "intent right where decided",
    "order_ref": "order right",
    "lines": "lines exact",
    "delivery_date": "date right",
    "language": "language right",
    "needs_human_recall": "needs_human: recall",
    "needs_human_precision": "needs_human: precision",
}


async def evaluate(settings: Settings, *, file: Path, models: Sequence[str], predictions: Path | None, as_json: bool) -> None:
    """Read every case with each of `models` and print how they did. Raises `InvalidInput` for a file or model that is none."""
    cases = _cases(file)
    readers = [(model, reader_named(model, settings)) for model in models]
    if predictions is not None and not predictions.parent.is_dir():
        # Found out before the cases are read: that may have taken minutes, and cost something.
        raise InvalidInput(f"--predictions {predictions}: there is no folder {predictions.parent}.")
    results = []
    for model, reader in readers:
        readings, seconds = await _read_all(reader, cases)
        results.append((model, score(cases, readings), seconds / len(cases)))
        if predictions is not None:
            _write_predictions(predictions, model if len(models) > 1 else None, cases, readings)
    if as_json:
        shown = [{"model": model, "seconds_per_case": seconds} | result.to_json() for model, result, seconds in results]
        typer.echo(json.dumps(shown if len(shown) > 1 else shown[0], ensure_ascii=False, indent=2))
    else:
        for model, result, seconds in results:
            _print(model, result, seconds)


def _cases(file: Path) -> list[Case]:
    try:
        cases = parse_cases(file.read_text())
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(f"{file}: {error}") from error
    if not cases:
        raise InvalidInput(f"{file} has no cases.")
    return cases


def _write_predictions(path: Path, model: str | None, cases: Sequence[Case], readings: Mapping[str, Understanding]) -> None:
    """One line a case; where several models are compared, a file for each, with the model in its name."""
    named = path.with_stem(f"{path.stem}-{model.replace(':', '-')}") if model else path
    try:
        named.write_text("".join(_prediction(case, readings[case.id]) for case in cases))
    except OSError as error:
        raise InvalidInput(f"--predictions {named}: {error.strerror}.") from error


def reader_named(name: str, settings: Settings) -> Reader:
    """`offline`, or a model as `openai:NAME`. Raises `InvalidInput` for another name, and without a key for a model."""
    if name == "offline":
        return OfflineReader()
    server, _, model = name.partition(":")
    if server != "openai" or not model:
        raise InvalidInput(f"There is no reader {name!r}: --model is offline, or openai:NAME.")
    if settings.openai_api_key is None:
        raise InvalidInput(f"The model {model} needs OPENAI_API_KEY (and OPENAI_BASE_URL for another server than OpenAI's).")
    return make_model_reader(settings, model=model)


async def _read_all(reader: Reader, cases: Sequence[Case]) -> tuple[dict[str, Understanding], float]:
    began = time.perf_counter()
    readings = {case.id: await reader.read(case.messages, case.context) for case in cases}
    return readings, time.perf_counter() - began


def _prediction(case: Case, reading: Understanding) -> str:
    return json.dumps({"id": case.id, "expect": _plain(as_expected(reading))}, ensure_ascii=False) + "\n"


def _plain(expected: Expected) -> dict[str, Any]:
    """In the form of a label: numbers as numbers, as in the labelled file."""
    plain = expected.to_json()
    for line in plain["lines"]:
        for name in ("quantity", "unit_price"):
            line[name] = None if line[name] is None else float(line[name])
    return plain


def _print(model: str, result: Score, seconds: float) -> None:
    typer.echo(f"\n{model}: {result.cases} cases, {seconds * 1000:.1f} ms each")
    for name, words in _SHARES.items():
        typer.echo(f"  {words:<28}{_percent(getattr(result, name))}")
    typer.echo(f"  {'false bindings':<28}{len(result.false_bindings)}  {', '.join(result.false_bindings)}")
    typer.echo(f"  {'abstained':<28}{len(result.abstained)}  {', '.join(result.abstained)}")
    for group, shares in result.by_group.items():
        typer.echo(f"  intent right by {group}: " + ", ".join(f"{key} {_percent(share)}" for key, share in shares.items()))
    typer.echo("  confusion (label → read):")
    for label, read in result.confusion.items():
        typer.echo(f"    {label:<18}" + ", ".join(f"{intent} {count}" for intent, count in read.items()))
    for miss in result.misses:
        typer.echo(f"\n  {miss.id}: {', '.join(miss.fields)}" + (f" ({miss.reason})" if miss.reason else ""))
        for words in miss.messages:
            typer.echo(f"    | {words}")
        typer.echo(f"    label {json.dumps(_plain(miss.expected), ensure_ascii=False)}")
        typer.echo(f"    read  {json.dumps(_plain(miss.read), ensure_ascii=False)}")


def _percent(share: Share) -> str:
    return f"{share.rate:.0%} ({share.right} of {share.of})"
