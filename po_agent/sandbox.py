"""The sandbox put together: the stand-in Chatwoot over HTTP, the page, and the parts that people of the house would play."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from starlette.routing import BaseRoute, Mount

from domain.errors import InvalidInput, NotFound
from domain.orders import Order
from domain.understanding import Language
from graphs.purchase_order.replies.writer import money
from po_agent.composition import process_odoo
from po_agent.settings import Settings
from sandbox.chatwoot.app import make_chatwoot
from sandbox.chatwoot.config import ChatwootSandboxConfig
from sandbox.odoo_demo_data import DEMO_ODOO
from sandbox.page.routes import PageConfig, make_page
from tools.odoo.memory_adapter import InMemoryOdoo
from webhook_bridge.routes import webhook

_PHRASES: dict[Language, tuple[str, ...]] = {
    "es": (
        "Hola, buenos días",
        "Cotización: 20 {units} de {goods} a {price} por {unit}",
        "Confirmo la orden",
        "¿En qué está mi orden?",
        "Despachamos el viernes",
        "Quiero hablar con una persona",
    ),
    "en": (
        "Hello, good morning",
        "Our quote: 20 {units} of {goods} at {price} per {unit}",
        "I confirm the order",
        "What is the status of my order?",
        "We ship on Friday",
        "I would like to talk to a person",
    ),
    "pt": (
        "Olá, bom dia",
        "Nossa cotação: 20 {units} de {goods} a {price} por {unit}",
        "Confirmo o pedido",
        "Qual é a situação do meu pedido?",
        "Enviamos na sexta-feira",
        "Quero falar com uma pessoa",
    ),
}


#: How a supplier words a unit of Odoo's: one, and several.
_UNITS: dict[tuple[Language, str], tuple[str, str]] = {
    ("es", "saco"): ("saco", "sacos"),
    ("es", "caja"): ("caja", "cajas"),
    ("es", "bidón"): ("bidón", "bidones"),
    ("en", "caja"): ("case", "cases"),
}


class Sandbox:
    """Development only. Made anywhere, used while `running`."""

    def __init__(self, settings: Settings) -> None:
        self._odoo = OdooParts() if settings.has_sandbox_odoo else None
        self._page = PageConfig(bridge_url=settings.home, bridge_token=settings.bridge_api_token.get_secret_value())
        self._chatwoot = make_chatwoot(
            ChatwootSandboxConfig(
                path=settings.data_dir / "sandbox" / "chatwoot.db",
                webhook_url=settings.home + webhook.PATH,
                webhook_secret=settings.chatwoot_webhook_secrets[0].get_secret_value(),
                api_token=settings.chatwoot_api_key.get_secret_value(),
                account_id=settings.chatwoot_account_id or 1,
            )
        )

    def routes(self) -> list[BaseRoute]:
        """The stand-in's API under `/sandbox/chatwoot`, and the page at `/sandbox`."""
        page = make_page(self._page, chatwoot=self._chatwoot.state.sandbox, suppliers=demo_suppliers(), odoo=self._odoo)
        return [Mount("/sandbox/chatwoot", app=self._chatwoot), *page]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the stand-in's data, and send its webhooks."""
        await self._chatwoot.state.sandbox.start()
        try:
            yield
        finally:
            await self._chatwoot.state.sandbox.stop()


def demo_suppliers() -> list[dict[str, Any]]:
    """Whom one can play on the page: the companies of the sandbox's Odoo."""
    return [
        {
            "key": str(partner["partner_id"]),
            "name": partner["name"],
            "phone": partner["phone"],
            "email": partner["email"],
            "lang": partner["lang"],
            "products": [product["name"] for product, _ in _sold_by(partner["partner_id"])],
            "phrases": example_phrases(partner["partner_id"], partner["lang"]),
        }
        for partner in DEMO_ODOO["partners"]
        if not partner.get("parent_id")
    ]


def example_phrases(partner_id: int, lang: str) -> list[str]:
    """What this supplier might write, in its language; the offer is at its price list's price."""
    language: Language = "pt" if lang.startswith("pt") else "en" if lang.startswith("en") else "es"
    product, price = _sold_by(partner_id)[0]
    unit, units = _UNITS.get((language, product["unit"]), (product["unit"], product["unit"]))
    offered = {
        "goods": price["vendor_name"],
        "unit": unit,
        "units": units,
        "price": money(Decimal(price["price"]), price["currency"], language),
    }
    return [phrase.format(**offered) for phrase in _PHRASES[language]]


def _sold_by(partner_id: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The products of a supplier, each with the first line of its price list there."""
    return [
        (product, next(price for price in product["prices"] if price["partner_id"] == partner_id))
        for product in DEMO_ODOO["products"]
        if any(price["partner_id"] == partner_id for price in product["prices"])
    ]


class OdooParts:
    """What warehouse, biller and approver do in Odoo, for whoever plays them on the page or in the demo."""

    async def orders(self, partner_name: str) -> list[dict[str, Any]]:
        """The supplier's orders as Odoo has them, newest first."""
        odoo = process_odoo()
        return [order.to_json() for order in await odoo.list_orders(partner_id=_partner_named(partner_name))]

    async def receive(self, order_id: int) -> None:
        """The warehouse takes everything in."""
        order = await _order(order_id)
        await process_odoo().mark_received(order_id, partner_id=order.partner_id)

    async def bill(self, order_id: int) -> None:
        """The biller makes the bill."""
        order = await _order(order_id)
        await process_odoo().create_bill(order_id, partner_id=order.partner_id)

    async def approve(self, order_id: int) -> None:
        """The approver lets an order over the limit pass."""
        odoo = process_odoo()
        if not isinstance(odoo, InMemoryOdoo):
            raise InvalidInput("Approve the order in Odoo itself.")
        await odoo.approve_order(order_id)


def _partner_named(name: str) -> int:
    for partner in DEMO_ODOO["partners"]:
        if partner["name"] == name:
            return int(partner["partner_id"])
    raise NotFound(name)


async def _order(order_id: int) -> Order:
    for partner in DEMO_ODOO["partners"]:
        for order in await process_odoo().list_orders(partner_id=partner["partner_id"], limit=200):
            if order.order_id == order_id:
                return order
    raise NotFound(f"Order {order_id}.")
