"""From an understanding to a plan: gather the facts that policy asks for, and let it judge each intent.

Only reads of Odoo happen here. Whatever does not fit a step that the agent knows goes to a person, with a holding answer.
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from domain.goods import Product
from domain.modes import AgentMode
from domain.orders import ACTIVE_STATES, Order, OrderState
from domain.plan import Action, Decision, Plan, Step, Verdict
from domain.policy import ConfirmationCase, Offer, QuoteCase, judge_confirmation, judge_quote
from domain.products import ProductName, match_product
from domain.understanding import Intent, Understanding
from domain.units import convert_price, convert_quantity
from graphs.purchase_order.services import GRAPH, Services
from tools.odoo.port import OrderNotFound
from tools.permissions import TOOLS, is_permitted

Judged = tuple[Action, Decision, dict[str, Any]]

#: Where it is not even clear that this order is to be confirmed, approving must not confirm it.
_FOR_A_PERSON_ALONE = {"needs_human", "other_order", "not_their_order", "order_cancelled", "conditional"}
#: The order was binding at some time.
_ORDERED = {OrderState.CONFIRMED, OrderState.RECEIVED, OrderState.BILLED}


async def make_plan(
    reading: Understanding,
    *,
    open_order: Order | None,
    opened_by_agent: bool,
    turn: dict[str, Any],
    services: Services,
) -> Plan:
    """One step for each intent, the most binding first. Raises `UpstreamError` if Odoo cannot be asked."""
    intents = dict.fromkeys((reading.intent, *reading.also))
    # A greeting beside business needs no answer of its own.
    business = [intent for intent in intents if intent is not Intent.SMALLTALK]
    steps = []
    for number, intent in enumerate(business or intents, start=1):
        if intent is Intent.CONFIRM_ORDER:
            judged = await _confirmation(reading, open_order, opened_by_agent, turn, services)
        elif intent is Intent.NEW_QUOTE:
            judged = await _quote(reading, open_order, turn, services)
        elif intent is Intent.ORDER_STATUS and not reading.needs_human:
            judged = await _status(reading, open_order, turn, services)
        else:
            judged = _without_effect(intent, reading)
        action, decision, arguments = judged
        decision = _within_mode(action, decision, AgentMode(turn["mode"]))
        steps.append(Step(number=number, action=action, arguments=arguments, **decision.model_dump()))
    return Plan(steps=tuple(steps))


async def _confirmation(
    reading: Understanding, order: Order | None, opened_by_agent: bool, turn: dict[str, Any], services: Services
) -> Judged:
    if turn["partner_id"] is None:
        return Action.CONFIRM_ORDER, _unknown_supplier(), {}
    if order is None and reading.order_ref is not None:
        order = await _own_order(reading.order_ref, turn, services)
    case = await _confirmation_case(reading, order, opened_by_agent, turn["partner_id"], services)
    decision = judge_confirmation(case=case, limits=services.limits)
    if order is None:
        return Action.CONFIRM_ORDER, decision, {}
    # The order as policy saw it: a reply is written from it, also when a later attempt finds it changed; and what a person
    # approves is this order, not what has become of it (`approved`).
    seen_as = "order" if decision.verdict in (Verdict.ASK, Verdict.REFUSE) else "seen"
    decision = decision.model_copy(update={"facts": decision.facts | {seen_as: order.to_json()}})
    arguments = {} if decision.rule in _FOR_A_PERSON_ALONE else {"order_id": order.order_id}
    return Action.CONFIRM_ORDER, decision, arguments


async def _confirmation_case(
    reading: Understanding, order: Order | None, opened_by_agent: bool, partner_id: int, services: Services
) -> ConfirmationCase:
    """What policy is told: what is listed, was paid, is in stock and worth, as Odoo has it now. Without an order, nothing."""
    today = _today(services)
    if order is None:
        return ConfirmationCase(reading=reading, partner_id=partner_id, order=None, today=today, earlier_orders=0)
    ids = [line.product_id for line in order.lines]
    listed = await services.odoo.list_products(partner_id=partner_id)
    products = tuple(product for product in listed if product.product_id in ids)
    past = await services.odoo.past_prices(partner_id=partner_id, product_ids=ids) if ids else []
    currencies = {order.currency, *(product.currency for product in products if product.currency)}
    currencies |= {price.currency for price in past}
    # Where all is in one currency that has a limit of its own, no rate is needed.
    if currencies != {order.currency} or order.currency not in services.limits.confirm_limit:
        wanted = sorted(currencies | set(services.limits.confirm_limit))
        rates = await services.odoo.exchange_rates(wanted, on=today)
    else:
        rates = {}
    return ConfirmationCase(
        reading=reading,
        partner_id=partner_id,
        order=order,
        opened_by_agent=opened_by_agent,
        today=today,
        products=products,
        past=tuple(past),
        rates=rates,
        earlier_orders=len({price.order for price in past}) or await _orders_before(order, partner_id, services),
        agreed_date=order.planned_date,
    )


async def _orders_before(order: Order, partner_id: int, services: Services) -> int:
    """How many of the supplier's newest orders were ever confirmed, this one aside. Not asked where policy does not care."""
    if not services.limits.first_order_to_person:
        return 0
    orders = await services.odoo.list_orders(partner_id=partner_id)
    return sum(other.state in _ORDERED for other in orders if other.order_id != order.order_id)


def _today(services: Services) -> date:
    return services.now().astimezone(ZoneInfo(services.timezone)).date()


async def _own_order(name: str, turn: dict[str, Any], services: Services) -> Order | None:
    """The order that the supplier names, if it is one of its own."""
    try:
        return await services.odoo.get_order_status(partner_id=turn["partner_id"], name=name)
    except OrderNotFound:
        return None


async def _quote(reading: Understanding, open_order: Order | None, turn: dict[str, Any], services: Services) -> Judged:
    linked = turn["partner_id"] is not None
    products = await services.odoo.list_products(partner_id=turn["partner_id"]) if linked else []
    by_id = {product.product_id: product for product in products}
    names = [product_names(product) for product in products]
    matches = [(line, match_product(line.product or "", names)) for line in reading.lines]
    offers = tuple(Offer(line=line, product=by_id.get(match.product_id or 0)) for line, match in matches)
    case = QuoteCase(
        reading=reading,
        partner_id=turn["partner_id"],
        # An order that was received, billed or cancelled since stands in no further offer's way.
        order=open_order if open_order and open_order.state in ACTIVE_STATES else None,
        today=_today(services),
        offers=offers,
    )
    decision = judge_quote(case=case, limits=services.limits)
    if decision.rule == "product_in_doubt":
        doubts = {
            line.product or "": [by_id[candidate].name for candidate in match.candidates]
            for line, match in matches
            if match.product_id is None
        }
        decision = decision.model_copy(update={"facts": decision.facts | {"candidates": doubts}})
    if decision.verdict is not Verdict.DO:
        return Action.CREATE_QUOTE, decision, {}
    lines = [_quote_line(offer) for offer in offers]
    arguments: dict[str, Any] = {"lines": lines}
    if reading.delivery_date:
        arguments["delivery_date"] = reading.delivery_date.isoformat()
    return Action.CREATE_QUOTE, decision, arguments


async def _status(reading: Understanding, open_order: Order | None, turn: dict[str, Any], services: Services) -> Judged:
    """Which order is meant: the one named, else the open one, else the newest."""
    name = reading.order_ref or (open_order.name if open_order else None)
    if turn["partner_id"] is None:
        return Action.CHECK_STATUS, _unknown_supplier(), {}
    if name is None:
        orders = await services.odoo.list_orders(partner_id=turn["partner_id"], limit=1)
        name = orders[0].name if orders else None
    if name is None:
        return Action.CHECK_STATUS, Decision(verdict=Verdict.REFUSE, rule="no_order", reason="There is no order."), {}
    decision = Decision(verdict=Verdict.DO, rule="own_order", reason="A supplier may ask how its orders stand.")
    return Action.CHECK_STATUS, decision, {"name": name}


def _unknown_supplier() -> Decision:
    reason = "This contact is not linked to a supplier in Odoo."
    return Decision(verdict=Verdict.PROPOSE, rule="unknown_supplier", reason=reason)


def _without_effect(intent: Intent, reading: Understanding) -> Judged:
    facts = {"intent": intent, "order": reading.order_ref, "lines": [line.to_json() for line in reading.lines]}
    facts |= {"delivery_date": reading.delivery_date.isoformat() if reading.delivery_date else None}
    if intent is Intent.SMALLTALK and not reading.needs_human:
        return Action.SMALLTALK, Decision(verdict=Verdict.DO, rule="courtesy", reason="Nothing is asked."), {}
    if intent is Intent.UNCLEAR and not reading.needs_human:
        decision = Decision(verdict=Verdict.ASK, rule="unclear", reason=reading.reason or "It is not clear what is meant.")
        return Action.CLARIFY, decision, {}
    decision = Decision(verdict=Verdict.PROPOSE, rule=intent, reason=reading.reason or "A person decides on this.", facts=facts)
    return Action.TELL_PERSON, decision, {}


def _within_mode(action: Action, decision: Decision, mode: AgentMode) -> Decision:
    """What the mode does not let the agent do becomes a proposal to a person."""
    if decision.verdict is not Verdict.DO or action not in TOOLS or is_permitted(action, graph=GRAPH, mode=mode):
        return decision
    return left_to_a_person(mode, decision.facts)


def left_to_a_person(mode: AgentMode, facts: dict[str, Any]) -> Decision:
    """The decision on what the mode leaves to a person."""
    reason = f"In {mode} mode a person does this."
    return Decision(verdict=Verdict.PROPOSE, rule=f"{mode}_mode", reason=reason, facts=facts)


def product_names(product: Product) -> ProductName:
    """The names and codes under which a supplier may speak of a product: ours and its own."""
    names = (product.name, product.vendor_name) if product.vendor_name else (product.name,)
    return ProductName(
        product_id=product.product_id,
        names=names,
        codes=tuple(code for code in (product.sku, product.vendor_code) if code),
    )


def _quote_line(offer: Offer) -> dict[str, Any]:
    """The line as Odoo is to have it: in the unit that the product is bought in. Policy has seen to it that it converts."""
    line, product = offer.line, offer.product
    if product is None or line.quantity is None or line.unit_price is None:
        raise ValueError("An offer that policy lets through is complete.")
    quantity = convert_quantity(line.quantity, line.unit, product.unit, product=product)
    price = convert_price(line.unit_price, line.unit, product.unit, product=product)
    return {
        "product_id": product.product_id,
        "quantity": str(quantity),
        "unit_price": str(price),
        "currency": line.currency,
    }
