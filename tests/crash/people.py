"""The people around the agent, who know nothing of its deaths: suppliers who sell, and a house that sends notices.

A supplier greets, offers, and confirms the order that the answer names. It writes on once it has read an answer, as people do,
so each of its messages is a burst of its own, to be answered by exactly one message.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import httpx

from sandbox.odoo_demo_data import DEMO_ODOO
from tests.acceptance.server.product import Product, told
from tools.odoo.memory_book import Book
from tools.odoo.seed import OdooSeed

SACKS, PRICE = Decimal(40), Decimal(17_900)

GREETING = "Hola, buenos días"
OFFER = "Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u"

_ORDER = re.compile(r"P\d{5}")


class Supplier:
    """Number `number` of the book that `a_book` makes. `said` are the Chatwoot ids of what it wrote, in order."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"Molino {number:03d} SpA"
        self.phone = f"+5696123{number:04d}"
        self.said: list[int] = []
        self.chatwoot_conversation_id: int | None = None
        self.order: str | None = None
        self.has_finished = False

    def look(self, product: Product, messages: Sequence[dict[str, Any]]) -> None:
        """Read the Chatwoot conversation (`messages`, all of it), and write what comes next if there is an answer."""
        if self.has_finished:
            return
        answers = [one["content"] for one in messages if is_reply(one) and one["id"] > max(self.said, default=0)]
        if self.said and not answers:
            return
        if named := _ORDER.search(" ".join(answers)):
            self.order = named[0]
        script = [GREETING, OFFER, f"Confirmo la {self.order}"]
        if len(self.said) == len(script):
            self.has_finished = True
            return
        assert len(self.said) < 2 or self.order, f"{self.name} was told of no order: {answers}"
        sent = product.supplier_writes(script[len(self.said)], name=self.name, phone=self.phone)
        self.chatwoot_conversation_id = sent["conversation_id"]
        self.said.append(sent["message_id"])

    def __str__(self) -> str:
        return f"{self.name} (said {self.said} in {self.chatwoot_conversation_id}, order {self.order})"


class House:
    """Sends notices by e-mail to a supplier who never wrote, one after the other; asks again, under its key, until it is told
    that it was accepted."""

    def __init__(self, number: int, *, notices: int = 3) -> None:
        self.address = f"ventas{number:03d}@molino.example"
        self.notices = [f"Aviso {n} de {notices} para {self.address}." for n in range(1, notices + 1)]
        self._accepted = 0

    @property
    def has_finished(self) -> bool:
        """Whether all were accepted."""
        return self._accepted == len(self.notices)

    def look(self, bridge: httpx.Client) -> None:
        """Send the next one."""
        if self.has_finished:
            return
        body = {
            "contact": {"email": self.address, "name": "Molino"},
            "channel": "email",
            "content": self.notices[self._accepted],
            "idempotency_key": f"{self.address}-{self._accepted}",
        }
        try:
            answer = bridge.post("/outbound/send", json=body, timeout=10)
        except httpx.TransportError:
            return  # nobody knows: ask again
        if answer.status_code >= 500:
            return
        told(answer)
        self._accepted += 1


def is_reply(message: dict[str, Any]) -> bool:
    """Whether the supplier reads this of us."""
    return message["message_type"] == 1 and not message["private"]


def a_book(suppliers: int) -> Book:
    """Odoo's book with this many mills, each selling flour at the list's price."""
    partners = [
        {
            "partner_id": number,
            "name": f"Molino {number:03d} SpA",
            "phone": f"+5696123{number:04d}",
            "email": f"ventas{number:03d}@molino.example",
            "lang": "es_CL",
        }
        for number in range(1, suppliers + 1)
    ]
    flour = next(product for product in DEMO_ODOO["products"] if product["sku"] == "HAR-25")
    prices = [flour["prices"][0] | {"partner_id": partner["partner_id"]} for partner in partners]
    seed = {"tax_rate": "0.19", "rates": {"CLP": "1"}, "partners": partners, "products": [flour | {"prices": prices}]}
    return Book(seed=OdooSeed.from_json(seed))
