"""How answers are printed: a row is a line whatever is in it, and JSON has everything."""

import json
from typing import Any

import pytest

from po_agent.cli_shared import on_a_line, print_json, print_rows

ROWS: list[dict[str, Any]] = [
    {"id": 1, "said": "uno\n\tdos\r\n\x1b[31mtres\u2028cuatro\x9b2J", "more": None},
    {"id": 20, "said": "x" * 100, "more": "últ"},
]


def test_a_row_is_a_line_under_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, False, cut={"said": 30})
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["id", "said", "more"]
    assert first == "1   uno dos [31mtres cuatro 2J"
    assert second == f"20  {'x' * 29}…  últ"
    assert heading.index("more") == second.index("últ")


def test_json_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, True, cut={"said": 30})
    assert json.loads(capsys.readouterr().out) == ROWS


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], False)
    assert capsys.readouterr().out == "There are none.\n"
    print_rows([], True)
    assert json.loads(capsys.readouterr().out) == []


def test_half_a_surrogate_pair_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"said": "Hola \ud83d"})
    assert json.loads(capsys.readouterr().out) == {"said": "Hola \ud83d"}
    assert on_a_line("Hola \ud83d") == "Hola"


def test_values_of_any_kind() -> None:
    assert [on_a_line(value) for value in (None, 0, ["a\nb"], {"a": "ñ"})] == ["", "0", '["a\\nb"]', '{"a": "ñ"}']
