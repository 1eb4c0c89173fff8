"""The whole way on a real Odoo 19: from a supplier's message in Chatwoot through the LangGraph server into the book, and back.

Nothing asserts on time; Odoo on a small machine takes seconds for what it does.
"""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.keys import operation_key
from tests.acceptance.odoo.company import CONFIRM_LIMIT, LABELS, MILL, NUTS, OILS, RICE, SALT, SUGAR, Company
from tests.acceptance.server.product import Product, told
from tests.integration.odoo.database import OdooDatabase
from tests.integration.odoo.proxy import Proxy, Trouble
from tools.odoo.seed import SeedPartner

#: The first test waits for Odoo to be installed.
pytestmark = [pytest.mark.odoo, pytest.mark.server, pytest.mark.timeout(1800)]


class Phone:
    """A supplier's WhatsApp or mailbox: he writes, and reads what the agent answers."""

    def __init__(self, product: Product, supplier: SeedPartner, *, inbox: str = "whatsapp") -> None:
        self.product, self.supplier, self.inbox = product, supplier, inbox
        self.chatwoot_conversation: int | None = None

    def write(self, words: str) -> str:
        """Write, and wait for the answer. A mail answers the one before, as mail programs do."""
        who: dict[str, Any] = {"name": self.supplier.name}
        who |= {"phone": self.supplier.phone} if self.inbox == "whatsapp" else {"email": self.supplier.email}
        if self.inbox == "email" and self.chatwoot_conversation is not None:
            who["conversation_id"] = self.chatwoot_conversation
        sent = self.product.supplier_writes(words, inbox=self.inbox, **who)
        self.chatwoot_conversation = sent["conversation_id"]
        answer = self.product.answer_to(sent)
        self.product.until_quiet()
        assert self.product.answer_to(sent) == answer, "answered more than once"
        return "\n".join(answer)

    def notes(self) -> list[str]:
        """What the agent told the team in private."""
        messages = self.product.chatwoot_messages(self.chatwoot_conversation)
        return [message["content"] for message in messages if message["private"]]

    def recorded(self) -> list[tuple[str, str]]:
        """Name and state of the supplier's orders, as the bridge tells them."""
        supplier_id = self.product.conversation_of(self.supplier.name)["supplier"]["id"]
        orders = told(self.product.bridge.get("/orders", params={"supplier_id": supplier_id}))["orders"]
        return [(order["name"], order["state"]) for order in orders]


def test_the_product_is_on_this_odoo(product: Product, odoo_database: OdooDatabase) -> None:
    ready = told(product.bridge.get("/ready"))
    assert ready["dependencies"]["odoo"] == {"ok": True}
    assert product.settings.odoo_db == odoo_database.db
    assert not product.settings.has_sandbox_odoo


def test_from_greeting_to_bill_over_whatsapp(product: Product, company: Company) -> None:
    phone = Phone(product, MILL)
    assert "asistente de compras" in phone.write("Hola, buenos días")
    assert company.orders_of(MILL) == []

    quoted = phone.write(
        "Le ofrezco:\n- 20 sacos de harina panadera 25 kg a $17.500 c/u\n- 8 sacos de sémola fina 25 kg a $19.500 c/u"
    )
    order = company.only_order_of(MILL)
    assert (order["state"], order["partner_id"][0]) == ("sent", company.partner[MILL.name])
    assert order["currency_id"][1] == "CLP"
    assert company.lines_of(order) == [
        (company.product["HAR-25"], Decimal(20), Decimal(17500)),
        (company.product["SEM-25"], Decimal(8), Decimal(19500)),
    ]
    assert order["create_uid"][1] == OdooDatabase.username
    assert company.external_ids_of(order) == [order["origin"]] == [key_of_quote(product, MILL)]
    assert order["name"] in quoted
    assert "$17.500" in quoted
    assert "$506.000" in quoted
    assert phone.recorded() == [(order["name"], "sent")]

    confirmed = phone.write(f"Confirmo la {order['name']}")
    order = company.only_order_of(MILL)
    assert order["state"] == "purchase"
    assert company.receipts_of(order) == [("incoming", "assigned")]
    assert "quedó confirmada" in confirmed
    assert "$506.000" in confirmed
    assert phone.recorded() == [(order["name"], "confirmed")]
    assert f"{order['name']} ($506.000 neto) está confirmada." in phone.write(f"¿En qué está la {order['name']}?")

    whose = {"partner_id": company.partner[MILL.name]}
    flour = order["order_line"][0]
    asyncio.run(company.warehouse.mark_received(order["id"], quantities={flour: Decimal(15)}, **whose))
    partly = phone.write(f"¿Y ahora, en qué va la {order['name']}?")
    assert "está confirmada." in partly
    assert "recibida" not in partly

    asyncio.run(company.warehouse.mark_received(order["id"], **whose))
    assert f"{order['name']} ($506.000 neto) está recibida." in phone.write(f"¿En qué está la {order['name']}?")
    assert phone.recorded() == [(order["name"], "received")]

    asyncio.run(company.biller.create_bill(order["id"], **whose))
    assert company.bills_of(company.only_order_of(MILL)) == [("in_invoice", "draft", Decimal(506_000))]
    assert "está recibida y facturada." in phone.write("¿Y ahora, en qué va la orden?")
    assert phone.recorded() == [(order["name"], "billed")]
    assert phone.notes() == []


def test_from_quote_to_bill_over_mail_in_dollars(product: Product, company: Company) -> None:
    mailbox = Phone(product, NUTS, inbox="email")
    quoted = mailbox.write("Hello,\n\nOur quote: 120 kg of walnut halves at USD 7.20 per kg.\n\nBest regards,\nPaula")
    order = company.only_order_of(NUTS)
    assert (order["state"], order["currency_id"][1]) == ("sent", "USD")
    assert company.lines_of(order) == [(company.product["NUE"], Decimal(120), Decimal("7.2"))]
    assert f"recorded your quote as {order['name']}" in quoted
    assert "864.00" in quoted

    quotation = "\n".join(f"> {line}" for line in quoted.splitlines())
    assert "is confirmed" in mailbox.write(f"We confirm {order['name']}.\n\nBest regards,\nPaula\n\n{quotation}")
    order = company.only_order_of(NUTS)
    assert order["state"] == "purchase"
    assert company.receipts_of(order) == [("incoming", "assigned")]

    whose = {"partner_id": company.partner[NUTS.name]}
    asyncio.run(company.warehouse.mark_received(order["id"], **whose))
    asyncio.run(company.biller.create_bill(order["id"], **whose))
    assert "is received and billed" in mailbox.write(f"What is the status of {order['name']}?\n\nBest regards,\nPaula")
    assert mailbox.recorded() == [(order["name"], "billed")]
    assert len({message["conversation_id"] for message in product.chatwoot_messages(mailbox.chatwoot_conversation)}) == 1


def test_another_supplier_learns_nothing(product: Product, company: Company) -> None:
    phone, stranger = Phone(product, LABELS), Phone(product, SALT)
    phone.write("Le ofrezco 60 rollos de etiqueta térmica 100x70 a $15.900 c/u")
    order = company.only_order_of(LABELS)
    assert order["state"] == "sent"

    of_theirs = stranger.write(f"¿En qué está la {order['name']}?")
    of_nobodys = stranger.write("¿En qué está la P99999?")
    assert of_theirs == of_nobodys, "an order of somebody else's must look like one that does not exist"
    assert order["name"] not in of_theirs
    stranger.write(f"Confirmo la {order['name']}")
    stranger.write("¿En qué va mi orden?")
    everything = "\n".join(
        message["content"] or ""
        for message in product.chatwoot_messages(stranger.chatwoot_conversation)
        if message["message_type"] == 1 and not message["private"]
    )
    for secret in (LABELS.name, order["name"], "15.900", "954", "tiqueta", "confirmada", "a la espera de su confirmación"):
        assert secret not in everything
    assert company.only_order_of(LABELS) == order
    assert company.orders_of(SALT) == []
    assert stranger.recorded() == []


def test_an_amount_above_the_limit_is_a_persons(product: Product, company: Company) -> None:
    phone = Phone(product, OILS)
    phone.write("Le ofrezco 30 bidones de aceite de maravilla 20 L a $36.900 c/u")
    order = company.only_order_of(OILS)
    assert Decimal(str(order["amount_untaxed"])) > CONFIRM_LIMIT

    answer = phone.write(f"Confirmo la {order['name']}")
    assert "confirmada" not in answer
    assert "Una persona de compras lo está revisando" in answer
    assert company.only_order_of(OILS)["state"] == "sent"
    assert company.only_order_of(OILS)["picking_ids"] == []
    [note] = phone.notes()
    assert "A person is needed" in note
    assert "above what may be confirmed" in note
    assert phone.recorded() == [(order["name"], "sent")]
    waiting = product.rows(
        "SELECT approval.kind, approval.status FROM approval JOIN turn ON turn.id = turn_id WHERE turn.conversation_id = %s",
        conversation_id(product, OILS),
    )
    assert waiting == [{"kind": "confirm_purchase_order", "status": "open"}]


@pytest.fixture
def two_steps(odoo_database: OdooDatabase) -> Iterator[None]:
    """Odoo wants a second approval, whatever the amount."""
    odoo_database.set_approval_amount(Decimal(0))
    yield
    odoo_database.set_approval_amount(None)


@pytest.mark.usefixtures("two_steps")
def test_an_order_that_waits_for_a_second_approval(product: Product, company: Company, odoo_database: OdooDatabase) -> None:
    phone = Phone(product, RICE)
    phone.write("Le ofrezco 10 sacos de arroz grano largo 25 kg a $21.000 c/u")
    order = company.only_order_of(RICE)

    answer = phone.write(f"Confirmo la {order['name']}")
    assert company.only_order_of(RICE)["state"] == "to approve"
    assert "Falta la aprobación interna" in answer
    assert "confirmada" not in answer
    assert phone.recorded() == [(order["name"], "to_approve")]
    assert "a la espera de aprobación interna" in phone.write(f"¿En qué está la {order['name']}?")

    odoo_database.approve(order["id"])
    assert "está confirmada" in phone.write(f"¿En qué está la {order['name']}?")
    assert phone.recorded() == [(order["name"], "confirmed")]


def test_webhooks_twice_and_a_run_again_make_one_order(product: Product, company: Company, wire: Proxy) -> None:
    """Each webhook comes twice; Odoo makes the RFQ and falls silent, so the first run fails and the turn runs again."""
    phone = Phone(product, SUGAR)
    phone.write("Hola, buenos días")
    conversation = product.conversation_of(SUGAR.name)
    silent, made_before_second_run = False, -1

    def last_turn() -> dict[str, Any]:
        newest = "SELECT id, attempt, status, last_error FROM turn WHERE conversation_id = %s ORDER BY id DESC LIMIT 1"
        return product.rows(newest, conversation["id"])[0]

    def from_load_to_the_end_of_the_run(method: str) -> Trouble:
        nonlocal silent, made_before_second_run
        silent = silent or method == "load"
        if silent and last_turn()["attempt"] == 1:
            return Trouble.SILENT_AFTER
        if silent and made_before_second_run < 0:
            made_before_second_run = len(company.orders_of(SUGAR))
        return Trouble.NONE

    told(product.chatwoot.post("/control/faults", json={"webhooks": {"duplicate_rate": 1.0}}))
    wire.trouble = from_load_to_the_end_of_the_run
    try:
        quoted = phone.write("Le ofrezco 25 sacos de azúcar granulada 25 kg a $22.500 c/u")
    finally:
        wire.trouble = lambda method: Trouble.NONE
        told(product.chatwoot.delete("/control/faults"))
    turn = last_turn()
    assert turn["attempt"] > 1
    assert turn["status"] == "done"
    assert "odoo_unavailable" in turn["last_error"] or "Odoo" in turn["last_error"]
    assert made_before_second_run == 1, "else nothing was at stake"
    order = company.only_order_of(SUGAR)
    assert company.lines_of(order) == [(company.product["AZU-25"], Decimal(25), Decimal(22500))]
    assert (order["state"], company.external_ids_of(order)) == ("sent", [order["origin"]])
    assert order["name"] in quoted
    assert answers_to_webhooks_of(product, phone, "25 sacos") == [200, 200]

    said = words_in(product, phone)
    for attempt in range(1, turn["attempt"] + 2):
        ended: Any = product.langgraph().runs.wait(
            conversation["thread_id"], "purchase_order", input={"turn_id": turn["id"], "attempt": attempt}
        )
        assert ended["status"] == "stale"
    product.until_quiet()
    assert company.only_order_of(SUGAR) == order
    assert words_in(product, phone) == said
    assert phone.recorded() == [(order["name"], "sent")]


def words_in(product: Product, phone: Phone) -> list[tuple[int, str]]:
    """Everything in the Chatwoot conversation; receipts may still change a message's status."""
    return [(message["id"], message["content"]) for message in product.chatwoot_messages(phone.chatwoot_conversation)]


def answers_to_webhooks_of(product: Product, phone: Phone, words: str) -> list[int]:
    """What our bridge answered to each webhook that told of the supplier's message with these words."""
    [message_id] = [
        message["id"]
        for message in product.chatwoot_messages(phone.chatwoot_conversation)
        if message["message_type"] == 0 and words in message["content"]
    ]
    posted = told(product.chatwoot.get("/control/deliveries"))["deliveries"]
    return [one["status"] for one in posted if (one["event"], one["record_id"]) == ("message_created", message_id)]


def conversation_id(product: Product, supplier: SeedPartner) -> str:
    return str(product.conversation_of(supplier.name)["id"])


def key_of_quote(product: Product, supplier: SeedPartner) -> str:
    """The key under which the agent must have made the RFQ: of the turn that planned it."""
    conversation = product.conversation_of(supplier.name)
    [(turn, step)] = [
        (turn["id"], step["number"])
        for turn in conversation["turns"]
        for step in (turn["plan"] or {}).get("steps", [])
        if step["action"] == "create_purchase_quote"
    ]
    return operation_key(conversation_id=UUID(conversation["id"]), turn_id=turn, step=step, action="create_purchase_quote")
