"""What the in-memory Odoo keeps on disk. Nothing is faked."""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from domain.errors import ImpossibleTransition, InvalidInput, NotFound
from domain.orders import LineChange, OrderState, RfqItem
from tests.integration.odoo.port_suite import SEED
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.seed import OdooSeed

ITEM = RfqItem(product_id=1, quantity=Decimal(10), unit_price=Decimal(17900), currency="CLP")


def odoo_at(path: Path, **more: Decimal) -> InMemoryOdoo:
    return InMemoryOdoo(path, seed=SEED, **more)


def stored(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "odoo.json"


async def test_a_restart_finds_everything(path: Path) -> None:
    before = odoo_at(path)
    order = await before.create_rfq(partner_id=1, items=[ITEM], key="a")
    await before.confirm_order(order.order_id, partner_id=1)
    await before.mark_received(order.order_id, partner_id=1)
    bill = await before.create_bill(order.order_id, partner_id=1)

    after = InMemoryOdoo(path, seed=OdooSeed())
    assert await after.list_orders(partner_id=1) == await before.list_orders(partner_id=1)
    assert (await after.get_order_status(order_id=1, partner_id=1)).state is OrderState.BILLED
    assert await after.create_bill(order.order_id, partner_id=1) == bill
    assert (await after.create_rfq(partner_id=1, items=[ITEM], key="a")).order_id == order.order_id
    assert (await after.create_rfq(partner_id=1, items=[ITEM], key="b")).name == "P00002"


async def test_references_count_up(path: Path) -> None:
    odoo = odoo_at(path)
    orders = [await odoo.create_rfq(partner_id=1, items=[ITEM, ITEM], key=f"k{n}") for n in range(3)]
    assert [order.name for order in orders] == ["P00001", "P00002", "P00003"]
    assert [line.line_id for order in orders for line in order.lines] == [1, 2, 3, 4, 5, 6]


async def test_two_adapters_on_one_file_see_each_other(path: Path) -> None:
    one, two = odoo_at(path), odoo_at(path)
    orders = await asyncio.gather(
        *(odoo.create_rfq(partner_id=1, items=[ITEM], key=f"k{n % 10}") for n in range(40) for odoo in (one, two))
    )
    assert len({order.order_id for order in orders}) == 10
    assert await one.list_orders(partner_id=1) == await two.list_orders(partner_id=1)


async def test_a_write_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odoo = odoo_at(path)
    await odoo.create_rfq(partner_id=1, items=[ITEM], key="a")
    kept = stored(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await odoo.create_rfq(partner_id=1, items=[ITEM], key="b")
    assert stored(path) == kept
    assert len(await odoo.list_orders(partner_id=1)) == 1
    assert (await odoo.create_rfq(partner_id=1, items=[ITEM], key="b")).name == "P00002"


async def test_cancelled_callers_leave_whole_steps(path: Path) -> None:
    odoo = odoo_at(path)
    loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor()
    loop.set_default_executor(threads)
    for number in range(20):
        task = asyncio.create_task(odoo.create_rfq(partner_id=1, items=[ITEM], key=f"k{number}"))
        await asyncio.sleep(number * 0.0002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    # A caller that was cancelled does not wait for its step, which goes on in its thread.
    threads.shutdown(wait=True)
    loop.set_default_executor(ThreadPoolExecutor())
    names = [order.name for order in await odoo.list_orders(partner_id=1)]
    assert sorted(names) == [f"P{n:05d}" for n in range(1, len(names) + 1)]
    assert [order.name for order in await odoo_at(path).list_orders(partner_id=1)] == names


async def test_a_refused_step_writes_nothing(path: Path) -> None:
    odoo = odoo_at(path)
    with pytest.raises(NotFound):
        await odoo.create_rfq(partner_id=99, items=[ITEM], key="a")
    assert stored(path) is None


@pytest.fixture
def strange_file(path: Path) -> bytes:
    path.parent.mkdir()
    path.write_bytes(b'{"seed": {}, "orders": 7}')
    return path.read_bytes()


async def test_a_file_that_is_not_ours_is_not_overwritten(path: Path, strange_file: bytes) -> None:
    odoo = odoo_at(path)
    for _ in range(2):
        with pytest.raises(InvalidInput, match="start anew"):
            await odoo.create_rfq(partner_id=1, items=[ITEM], key="a")
    assert stored(path) == strange_file


async def test_the_event_loop_is_never_blocked(path: Path) -> None:
    odoo = odoo_at(path)
    with blockbuster_ctx():
        order = await odoo.create_rfq(partner_id=1, items=[ITEM], key="a")
        assert await odoo.list_orders(partner_id=1) == [order]


async def test_the_approval_amount_counts_taxes_and_currency(path: Path) -> None:
    odoo = odoo_at(path, approval_amount=Decimal(100_000))

    async def confirmed(price: str, currency: str) -> OrderState:
        item = RfqItem(product_id=1, quantity=Decimal(1), unit_price=Decimal(price), currency=currency)
        order = await odoo.create_rfq(partner_id=1, items=[item], key=f"k{price}{currency.lower()}".replace(".", "_"))
        return (await odoo.confirm_order(order.order_id, partner_id=1)).state

    assert await confirmed("84033", "CLP") is OrderState.CONFIRMED
    assert await confirmed("84034", "CLP") is OrderState.TO_APPROVE
    assert await confirmed("88.92", "USD") is OrderState.CONFIRMED
    assert await confirmed("88.93", "USD") is OrderState.TO_APPROVE
    with pytest.raises(ImpossibleTransition):
        await odoo.approve_order(1)
    assert (await odoo.approve_order(2)).state is OrderState.CONFIRMED
    with pytest.raises(NotFound):
        await odoo.approve_order(99)


@pytest.fixture
def file_of_before(path: Path) -> Path:
    """As an earlier version left it: it knew no receipts, no days of lines and no times of confirmation."""
    book = {
        "seed": SEED.to_json(),
        "orders": [
            {
                "order_id": 1,
                "key": "a",
                "origin": "a",
                "partner_id": 1,
                "currency": "CLP",
                "state": "purchase",
                "planned_date": "2026-12-01",
                "lines": [
                    {
                        "line_id": 1,
                        "product_id": 1,
                        "quantity": "10",
                        "unit_price": "17900",
                        "received": "4",
                        "billed": "0",
                    }
                ],
            }
        ],
        "bills": [
            {"order_id": 1, "bill": {"bill_id": 1, "state": "draft", "amount_total": "85204", "currency": "CLP"}},
        ],
    }
    path.parent.mkdir()
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


async def test_a_file_of_an_earlier_version_is_still_understood(file_of_before: Path) -> None:
    odoo = odoo_at(file_of_before)
    [order] = await odoo.list_orders(partner_id=1)
    assert (order.state, order.lines[0].planned_date) == (OrderState.CONFIRMED, date(2026, 12, 1))
    plan = await odoo.plan_receipt(1, partner_id=1)
    received = await odoo.carry_out_receipt(plan, partner_id=1)
    assert (received.state, received.lines[0].received) == (OrderState.RECEIVED, 10)
    assert await odoo.carry_out_receipt(plan, partner_id=1) == received
    assert [bill.amount_total for bill in await odoo.list_bills(partner_id=1)] == [85204]
    assert (await odoo.create_rfq(partner_id=1, items=[ITEM], key="b")).lines[0].line_id == 2


async def test_the_id_of_a_line_that_was_taken_off_is_not_given_again(path: Path) -> None:
    odoo = odoo_at(path)
    order = await odoo.create_rfq(partner_id=1, items=[ITEM, ITEM], key="a")
    off = LineChange(line_id=order.lines[1].line_id, quantity=Decimal(0))
    await odoo.change_order(order.order_id, partner_id=1, changes=[off])
    assert (await odoo_at(path).create_rfq(partner_id=1, items=[ITEM], key="b")).lines[0].line_id == 3
    assert len((await odoo.change_order(order.order_id, partner_id=1, changes=[off])).lines) == 1
