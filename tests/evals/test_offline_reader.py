"""The offline interpreter against the labelled messages: the numbers that it must reach."""

from pathlib import Path

import pytest

from domain.understanding import Intent, OfferedLine, Understanding
from graphs.reading.evaluation import Score, as_expected, is_false_binding, parse_cases, same_lines, score
from graphs.reading.offline import interpret

CASES = parse_cases((Path(__file__).parent / "dev.jsonl").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def offline() -> Score:
    return score(CASES, {case.id: interpret(case.messages, case.context) for case in CASES})


def test_it_binds_nobody_falsely(offline: Score) -> None:
    assert offline.false_bindings == ()


def test_it_is_right_where_it_decides_and_decides_mostly(offline: Score) -> None:
    assert offline.intent_where_decided.rate >= 0.95
    assert offline.decided.rate >= 0.70


def test_lines_and_dates_are_exact(offline: Score) -> None:
    assert offline.lines.of >= 30
    assert offline.lines.rate >= 0.80
    assert offline.no_lines.rate >= 0.95
    assert offline.delivery_date.rate >= 0.90
    assert offline.dates_told.rate >= 0.90


def test_a_person_is_called_when_one_is_needed_and_seldom_else(offline: Score) -> None:
    assert offline.needs_human_recall.rate >= 0.95
    assert offline.needs_human_precision.rate >= 0.80


def test_a_reader_that_confirms_everything_is_found_out() -> None:
    confirms = Understanding(intent=Intent.CONFIRM_ORDER, order_ref="P00045")
    result = score(CASES, {case.id: confirms for case in CASES})
    wrong = sum(case.expect.intent is not Intent.CONFIRM_ORDER or case.expect.needs_human for case in CASES)
    assert len(result.false_bindings) == wrong
    assert result.intent_where_decided.rate < 0.3


def test_a_reader_that_never_decides_is_found_out() -> None:
    result = score(CASES, {case.id: Understanding(intent=Intent.UNCLEAR) for case in CASES})
    assert result.decided.right == 0
    assert result.false_bindings == ()
    assert len(result.abstained) == sum(case.expect.intent is not Intent.UNCLEAR for case in CASES)


def test_a_binding_without_the_person_it_needs_is_false() -> None:
    case = next(case for case in CASES if case.expect.intent is Intent.CANCEL_ORDER and case.expect.needs_human)
    alone = as_expected(Understanding(intent=Intent.CANCEL_ORDER, order_ref=case.expect.order_ref))
    assert is_false_binding(case.expect, alone)
    assert not is_false_binding(case.expect, alone.model_copy(update={"needs_human": True}))


def test_lines_are_compared_by_value() -> None:
    one = (OfferedLine(product="Harina  25 KG", unit_price="42.50"),)
    assert same_lines(one, (OfferedLine(product="harina 25 kg", unit_price="42.5"),))
    assert not same_lines(one, (OfferedLine(product="harina 25 kg", unit_price="42.51"),))
    assert not same_lines(one, ())


def test_a_line_that_is_no_case_is_named() -> None:
    with pytest.raises(ValueError, match="Line 2"):
        parse_cases('\n{"id": "x"}\n')
