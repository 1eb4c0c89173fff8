"""Sending, confirming, approving and cancelling: no step but those that Odoo allows and shows."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.errors import ImpossibleTransition
from domain.orders import OrderState
from tests.integration.odoo.suite.bench import MILL, NUTS, ON_ONE_ORDER, SEED, Bench, new_key
from tools.odoo.port import OrderNotFound


class Confirming:
    """See the module."""

    async def test_sent_confirmed_and_both_again(self, bench: Bench) -> None:
        order = await bench.rfq()
        whose = {"partner_id": order.partner_id}
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.SENT
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.SENT
        assert (await bench.manager.confirm_order(order.order_id, **whose)).state is OrderState.CONFIRMED
        assert (await bench.manager.confirm_order(order.order_id, **whose)).state is OrderState.CONFIRMED
        assert (await bench.manager.send_rfq(order.order_id, **whose)).state is OrderState.CONFIRMED

    async def test_four_confirmations_at_once(self, bench: Bench) -> None:
        order = await bench.rfq()
        answers = await asyncio.gather(
            *(bench.manager.confirm_order(order.order_id, partner_id=order.partner_id) for _ in range(4))
        )
        assert {answer.state for answer in answers} == {OrderState.CONFIRMED}

    async def test_a_cancelled_order_stays_cancelled(self, bench: Bench) -> None:
        order = await bench.rfq()
        for _ in range(2):
            cancelled = await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
            assert cancelled.state is OrderState.CANCELLED
        for name in ("send", "confirm", "plan", "receive", "bill"):
            with pytest.raises(ImpossibleTransition):
                await ON_ONE_ORDER[name](bench.manager, order.order_id, order.partner_id)
        assert await bench.now(order) == cancelled

    async def test_a_confirmed_order_may_be_cancelled_until_something_came(self, bench: Bench) -> None:
        order = await bench.confirmed()
        cancelled = await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
        assert cancelled.state is OrderState.CANCELLED
        order = await bench.confirmed()
        [line] = order.lines
        await bench.manager.mark_received(order.order_id, partner_id=order.partner_id, quantities={line.line_id: Decimal(1)})
        with pytest.raises(ImpossibleTransition):
            await bench.manager.cancel_order(order.order_id, partner_id=order.partner_id)
        assert (await bench.now(order)).state is OrderState.CONFIRMED

    async def test_two_step_approval(self, bench: Bench) -> None:
        await bench.set_approval_amount(Decimal(1))
        try:
            order = await bench.rfq()
            for _ in range(2):
                waiting = await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
                assert waiting.state is OrderState.TO_APPROVE
            for name in ("plan", "receive", "bill"):
                with pytest.raises(ImpossibleTransition):
                    await ON_ONE_ORDER[name](bench.manager, order.order_id, order.partner_id)
            await bench.approve(order.order_id)
            assert (await bench.now(order)).state is OrderState.CONFIRMED
            assert (await bench.confirmed(bench.item("HAR", "1", "0"))).state is OrderState.CONFIRMED, "below the amount"
        finally:
            await bench.set_approval_amount(None)

    async def test_what_was_seen_spares_no_look_at_what_became_of_it(self, bench: Bench) -> None:
        seen = await bench.rfq()
        confirmed = await bench.manager.confirm_order(seen.order_id, partner_id=seen.partner_id, seen=seen)
        assert confirmed.state is OrderState.CONFIRMED
        assert await bench.manager.confirm_order(seen.order_id, partner_id=seen.partner_id, seen=seen) == confirmed

    async def test_what_was_cancelled_since_it_was_seen_is_not_confirmed(self, bench: Bench) -> None:
        seen = await bench.rfq()
        cancelled = await bench.manager.cancel_order(seen.order_id, partner_id=seen.partner_id)
        with pytest.raises(ImpossibleTransition, match="cancelled"):
            await bench.manager.confirm_order(seen.order_id, partner_id=seen.partner_id, seen=seen)
        assert await bench.now(seen) == cancelled

    async def test_having_seen_one_order_confirms_no_other(self, bench: Bench) -> None:
        seen, other = await bench.rfq(), await bench.rfq(bench.item("NUE", "1", "7", currency="USD"), partner=NUTS)
        with pytest.raises(OrderNotFound):
            await bench.manager.confirm_order(other.order_id, partner_id=seen.partner_id, seen=seen)
        assert await bench.now(other) == other

    async def test_an_empty_order_is_not_confirmed(self, bench: Bench) -> None:
        order = await bench.rfq()
        await bench.people.take_off_all(order.order_id)
        with pytest.raises(ImpossibleTransition, match="nothing"):
            await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
        assert (await bench.now(order)).state is OrderState.DRAFT

    async def test_created_and_sent_in_one(self, bench: Bench) -> None:
        key = new_key()
        for _ in range(2):
            order = await bench.manager.create_rfq(partner_id=bench.partner[MILL], items=[bench.item()], key=key, send=True)
            assert order.state is OrderState.SENT
        confirmed = await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
        assert confirmed.confirmed_at is not None
        again = await bench.manager.create_rfq(partner_id=bench.partner[MILL], items=[bench.item()], key=key, send=True)
        assert again == confirmed

    async def test_whose_order_it_is_in_the_house(self, bench: Bench) -> None:
        order = await bench.rfq()
        assert (order.buyer, order.buyer_email) == (SEED.buyer, SEED.buyer_email)
        assert (order.confirmed_at, order.locked) == (None, False)
        confirmed = await bench.manager.confirm_order(order.order_id, partner_id=order.partner_id)
        assert confirmed.confirmed_at is not None
        assert abs(datetime.now(UTC) - confirmed.confirmed_at) < timedelta(minutes=5)
        await bench.people.lock(order.order_id)
        assert (await bench.now(order)).locked

    # -- notes

    async def test_a_note_stands_there_once_and_as_it_was_written(self, bench: Bench) -> None:
        order = await bench.rfq()
        key = new_key()
        text = "Pide <b>20</b> & no 200; ¿lo aprueba?"
        for one in (key, key, f"{key}_1"):
            await bench.manager.post_note(order.order_id, partner_id=order.partner_id, text=text, key=one)
        assert await bench.people.notes(order.order_id) == [text, text]
        assert await bench.now(order) == order
