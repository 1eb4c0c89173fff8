"""What the groups of commands share: options, and how answers are printed."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]
Supplier = Annotated[str | None, typer.Option(help="Only this supplier, by its id. Default: everything.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="The port on 127.0.0.1. Default: PORT, else 8010.")]


def given(**options: Any) -> dict[str, Any]:
    """The options that were given: they come before the environment."""
    return {name: value for name, value in options.items() if value is not None}


def print_json(data: Any) -> None:
    """For programs: everything, whole."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    # Half a surrogate pair, which Chatwoot may have sent, cannot be written otherwise; to JSON it is the same.
    typer.echo(text.encode(errors="backslashreplace").decode())


def print_rows(rows: list[dict[str, Any]], as_json: bool, *, cut: Mapping[str, int] | None = None) -> None:
    """A line a row, under their names. `cut`: how many characters of a column are shown; JSON has it whole."""
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo("There are none.")
    else:
        lines = [list(rows[0])]
        lines += [[_cut(on_a_line(value), (cut or {}).get(name)) for name, value in row.items()] for row in rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_blocks(rows: list[dict[str, Any]], as_json: bool) -> None:
    """A block a row, a line a value, for rows that are to be read whole."""
    if as_json or not rows:
        print_rows(rows, as_json)
        return
    for row in rows:
        width = max(map(len, row))
        for name, value in row.items():
            typer.echo(f"{name.ljust(width)}  {on_a_line(value)}".rstrip())
        typer.echo()


def on_a_line(value: Any) -> str:
    """As it is shown in one line: what a supplier wrote may have line breaks, or move the cursor."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _cut(text: str, length: int | None) -> str:
    return text if length is None or len(text) <= length else f"{text[: length - 1]}…"
