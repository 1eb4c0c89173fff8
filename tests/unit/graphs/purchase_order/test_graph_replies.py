"""What is said: the same kinds and blanks in every language, a phrase for all that can happen, and no number bent."""

import ast
import asyncio
import inspect
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import policy
from domain.modes import AgentMode
from domain.orders import Order, OrderState, RfqItem
from domain.plan import Action, Outcome, Verdict
from domain.policy import PolicyLimits
from domain.understanding import Intent, Language, OfferedLine, Understanding
from graphs.purchase_order import planning
from graphs.purchase_order.planning import make_plan
from graphs.purchase_order.replies.notes import write_notes
from graphs.purchase_order.replies.phrases import LOCALES, PHRASES, STATES
from graphs.purchase_order.replies.writer import money, quantity, write_reply
from graphs.purchase_order.services import Services
from storage.engine import Database
from tests.unit.graphs.purchase_order.scene import ScriptedReader, WatchedOdoo

LANGUAGES: tuple[Language, ...] = get_args(Language)

ORDER = Order.from_json(
    {
        "order_id": 45,
        "name": "P00045",
        "partner_id": 1,
        "state": "sent",
        "currency": "CLP",
        "amount_untaxed": "1358000",
        "amount_total": "1616020",
        "lines": [
            {
                "line_id": 1,
                "product_id": 101,
                "product": "Harina {25} kg",
                "quantity": "20.00",
                "unit": "saco",
                "unit_price": "67900",
            }
        ],
    }
)


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_language_has_the_same_phrases_with_the_same_blanks() -> None:
    assert set(PHRASES) == set(STATES) == set(LOCALES) == set(LANGUAGES)
    spanish = {kind: blanks(template) for kind, template in PHRASES["es"].items()}
    for language in LANGUAGES:
        assert {kind: blanks(template) for kind, template in PHRASES[language].items()} == spanish, language
        assert set(STATES[language]) == set(OrderState)
    for kind in spanish:
        assert len({PHRASES[language][kind] for language in LANGUAGES}) == len(LANGUAGES), f"{kind} was not translated"


def rules_that_speak() -> set[str]:
    """The rules that ask back or refuse, of the judges that the planner asks and in its own source: none can be forgotten."""
    judges = [rules for kind, rules in policy.RULEBOOKS.items() if kind.__name__ in vars(planning)]
    found = {rule for rules in judges for rule, verdict in rules.table if verdict in (Verdict.ASK, Verdict.REFUSE)}
    for node in ast.walk(ast.parse(inspect.getsource(planning))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "Decision":
            continue
        given_by_name = {keyword.arg: keyword.value for keyword in node.keywords}
        verdict, rule = given_by_name.get("verdict"), given_by_name.get("rule")
        if isinstance(verdict, ast.Attribute) and verdict.attr in ("ASK", "REFUSE") and isinstance(rule, ast.Constant):
            found.add(str(rule.value))
    return found


def test_every_rule_that_asks_or_refuses_has_its_words() -> None:
    rules = rules_that_speak()
    assert {"no_open_order", "confirmed_before", "product_in_doubt", "no_order", "unclear"} <= rules, "the search is broken"
    for language in LANGUAGES:
        assert rules | {"courtesy", "with_a_person", "refused"} <= set(PHRASES[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("action", [Action.CREATE_QUOTE, Action.CONFIRM_ORDER, Action.CHECK_STATUS])
def test_whatever_state_an_effect_leads_to_can_be_told(language: Language, state: OrderState, action: Action) -> None:
    order = ORDER.model_copy(update={"state": state})
    kind = action if action is Action.CHECK_STATUS else f"{action}.{state}"
    [text] = write_reply([Outcome(step=1, kind=kind, facts={"order": order.to_json()})], language=language)
    assert "P00045" in text
    if kind != "confirm_purchase_order.to_approve":
        assert money(Decimal(1_358_000), "CLP", language) in text
    assert "{" not in text.replace("{25}", "")
    spoken_of = {"create_purchase_quote.sent", "confirm_purchase_order.confirmed", "confirm_purchase_order.to_approve"}
    if kind not in spoken_of:
        assert STATES[language][state] in text, "told as it is, not as it was meant to be"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "written"),
    [
        ("18990", "CLP", "es", "$18.990"),
        ("18990.0000", "CLP", "es", "$18.990"),
        ("1E+6", "CLP", "es", "$1.000.000"),
        ("12.5", "CLP", "es", "$12,5"),
        ("0", "CLP", "es", "$0"),
        ("12.5", "USD", "es", "US$12,50"),
        ("0.0425", "USD", "es", "US$0,0425"),
        ("1234.5", "USD", "en", "$1,234.50"),
        ("1234.5", "BRL", "pt", "R$\N{NO-BREAK SPACE}1.234,50"),
    ],
)
def test_money_is_written_as_the_reader_writes_it_and_never_rounded(
    amount: str, currency: str, language: Language, written: str
) -> None:
    assert money(Decimal(amount), currency, language) == written


@pytest.mark.parametrize(
    ("amount", "language", "written"),
    [("20.00", "es", "20"), ("1250.5", "es", "1.250,5"), ("100", "en", "100"), ("1E+3", "en", "1,000"), ("0.25", "pt", "0,25")],
)
def test_quantities_have_no_superfluous_zeros(amount: str, language: Language, written: str) -> None:
    assert quantity(Decimal(amount), language) == written


def test_doubts_are_listed_with_what_may_be_meant() -> None:
    facts = {"candidates": {"harina": ["Harina A", "Harina B"], "cemento": [], "": ["Sémola"]}}
    [text] = write_reply([Outcome(step=1, kind="product_in_doubt", facts=facts)], language="es")
    assert text.splitlines()[1:] == ["• harina: Harina A / Harina B?", "• cemento", "• Sémola?"]


def test_no_outcome_no_reply_and_nothing_for_a_person_no_note() -> None:
    understood = Understanding(intent=Intent.SMALLTALK)
    assert write_reply([], language="es") == []
    assert write_notes([Outcome(step=1, kind="courtesy")], understanding=understood, files=0) == []


def test_one_note_tells_all_that_waits_for_a_person() -> None:
    waiting = [Outcome(step=n, kind="with_a_person", facts={"reason": f"Reason {n}."}) for n in (1, 2)]
    reading = Understanding(intent=Intent.CONFIRM_ORDER, order_ref="P00045")
    assert write_notes(waiting, understanding=reading, files=3) == [
        "A person is needed: read as confirm_order (P00045). Reason 1.; Reason 2.\n"
        "Files came with it that the agent has not read: 3."
    ]


LINES = st.builds(
    OfferedLine,
    product=st.sampled_from([None, "", "harina", "harina panadera 25 kg", "cemento", "{name}", "sémola fina 25 kg"]),
    quantity=st.sampled_from([None, Decimal(0), Decimal(-3), Decimal(20), Decimal("0.005")]),
    unit=st.sampled_from([None, "saco", "kg"]),
    unit_price=st.sampled_from([None, Decimal(0), Decimal(17900)]),
    currency=st.sampled_from([None, "CLP", "USD"]),
)
READINGS = st.builds(
    Understanding,
    intent=st.sampled_from(list(Intent)),
    also=st.lists(st.sampled_from(list(Intent)), max_size=3).map(tuple),
    order_ref=st.sampled_from([None, "P00001", "P00002", "P00003", "P00004", "P00005", "P00099"]),
    lines=st.lists(LINES, max_size=3).map(tuple),
    needs_human=st.booleans(),
    reason=st.sampled_from([None, "{broken}"]),
    confidence=st.sampled_from([0.3, 0.9]),
)


async def an_odoo_with_orders_in_all_states() -> WatchedOdoo:
    odoo = WatchedOdoo()
    item = RfqItem(product_id=101, quantity=Decimal(5), unit_price=Decimal(17900), currency="CLP")
    for number in range(1, 6):
        await odoo.create_rfq(partner_id=1, items=[item], key=f"k{number}")
    for number in (2, 3, 4):
        await odoo.confirm_order(number, partner_id=1)
    for number in (3, 4):
        await odoo.mark_received(number, partner_id=1)
    await odoo.create_bill(4, partner_id=1)
    await odoo.cancel_order(5, partner_id=1)
    return odoo


@settings(max_examples=300, deadline=None)
@given(
    reading=READINGS, open_number=st.sampled_from([None, 1, 2, 3, 4, 5]), linked=st.booleans(), mode=st.sampled_from(AgentMode)
)
def test_whatever_is_planned_can_be_said_in_every_language(
    reading: Understanding, open_number: int | None, linked: bool, mode: AgentMode
) -> None:
    async def plan() -> Any:
        odoo = await an_odoo_with_orders_in_all_states()
        open_order = await odoo.get_order_status(partner_id=1, order_id=open_number) if open_number and linked else None
        services = Services(
            database=Database("sqlite+aiosqlite://"),
            odoo=odoo,
            reader=ScriptedReader(),
            limits=PolicyLimits(),
            mode=mode,
            now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
            timezone="America/Santiago",
            quiet=timedelta(0),
            lease=timedelta(0),
        )
        turn = {"partner_id": 1 if linked else None, "mode": mode.value}
        return await make_plan(reading, open_order=open_order, opened_by_agent=True, turn=turn, services=services)

    made = asyncio.run(plan())
    assert made.steps
    assert [step.number for step in made.steps] == list(range(1, len(made.steps) + 1))
    for step in made.steps:
        binding = step.action in (Action.CREATE_QUOTE, Action.CONFIRM_ORDER)
        if binding and step.verdict is Verdict.DO:
            assert linked
            assert mode is AgentMode.AUTO
            assert not reading.needs_human
            assert reading.confidence > 0.5
        if step.verdict in (Verdict.ASK, Verdict.REFUSE):
            facts = type(step).from_json(step.to_json()).facts
            for language in LANGUAGES:
                [text] = write_reply([Outcome(step=1, kind=step.rule, facts=facts)], language=language)
                assert text
    if not linked:
        said = [step for step in made.steps if step.verdict is not Verdict.PROPOSE]
        assert "P0000" not in str([step.facts for step in said])
