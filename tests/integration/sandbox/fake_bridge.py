"""Faked for the page's tests: the bridge's two routes and an Odoo in which three parts can be played."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.chatwoot import ChatwootSandbox
from sandbox.chatwoot.play import incoming
from sandbox.chatwoot.records import Conversation
from sandbox.chatwoot.writing import write_outgoing

TOKEN = "bridge-token"

SUPPLIERS: list[dict[str, Any]] = [
    {"key": "molino", "name": "Molino San Cristóbal SpA", "phone": "+56961230101", "email": "ventas@molino.example",
     "lang": "es_CL", "products": "sacos de harina 25 kg, sémola"},
    {"key": "frutos", "name": "Frutos Secos del Valle Ltda.", "phone": "+56961230102", "email": "pedidos@frutos.example",
     "lang": "es_CL", "products": "kg de nueces, almendras"},
    {"key": "empaques", "name": "Empaques Andinos S.A.", "phone": "+56961230103", "email": "contacto@empaques.example",
     "lang": "es_CL", "products": "cajas de cartón, bolsas"},
    {"key": "castanhas", "name": "Castanhas do Norte Ltda.", "phone": "+5591988230104", "email": "vendas@castanhas.example",
     "lang": "pt_BR", "products": "kg de castanha-do-pará"},
    {"key": "pacific", "name": "Pacific Ingredients Inc.", "phone": "+12065550105", "email": "sales@pacific.example",
     "lang": "en_US", "products": "lb of oats, vanilla"},
]  # fmt: skip

NOTHING_YET = {"received": "0", "billed": "0"}

ORDER: dict[str, Any] = {
    "odoo_id": 45, "name": "P00045", "state": "sent", "currency": "CLP", "amount_total": "1487500.00",
    "agreed_date": "2026-11-27", "updated_at": "2026-11-22T18:00:00Z",
    "lines": [
        {"product": "Harina panadera 25 kg", "quantity": "100", "unit": "saco", "unit_price": "11250", **NOTHING_YET},
        {"product": "Sémola fina 20 kg", "quantity": "12.5", "unit": "saco", "unit_price": "10000", **NOTHING_YET},
    ],
}  # fmt: skip

TURN: dict[str, Any] = {
    "id": "8a1c", "kind": "inbound", "status": "done", "attempt": 1, "last_error": None,
    "understanding": {
        "intent": "new_quote", "order_ref": None, "delivery_date": "2026-11-27", "language": "es", "confidence": 0.94,
        "needs_human": False, "also": ["smalltalk"],
        "lines": [{"product": "harina panadera", "quantity": "100", "unit": "sacos", "unit_price": "11250", "currency": "CLP"}],
    },
    "plan": {"steps": [
        {"number": 1, "action": "create_purchase_quote", "verdict": "do",
         "reason": "The price is 2 % under the last one and the stock covers eleven days.", "arguments": {}},
        {"number": 2, "action": "confirm_purchase_order", "verdict": "propose",
         "reason": "The amount is over what may be confirmed without a person.", "arguments": {}},
    ]},
}  # fmt: skip


class FakeOdoo:
    """Plays the parts on one order, by name of the partner. `broken` makes it fail."""

    def __init__(self, partner_name: str) -> None:
        self._partner_name = partner_name
        self.order = dict(ORDER)
        self.broken = False

    async def orders(self, partner_name: str) -> list[dict[str, Any]]:
        if self.broken:
            raise ConnectionError("no Odoo")
        return [self.order] if partner_name == self._partner_name else []

    async def receive(self, order_id: int) -> None:
        self._step(order_id, "confirmed", "received", "received")

    async def bill(self, order_id: int) -> None:
        self._step(order_id, "received", "billed", "billed")

    async def approve(self, order_id: int) -> None:
        self._step(order_id, "to_approve", "confirmed", None)

    def _step(self, order_id: int, before: str, after: str, quantity: str | None) -> None:
        assert order_id == self.order["odoo_id"]
        if self.order["state"] != before:
            raise ValueError(f"The order is {self.order['state']}, not {before}.")
        self.order["state"] = after
        if quantity:
            self.order["lines"] = [line | {quantity: line["quantity"]} for line in self.order["lines"]]


class FakeBridge:
    """Answers `GET /conversations` and `GET /orders` to whoever has the token. `broken` makes it answer 500."""

    def __init__(self) -> None:
        self.conversations: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self.broken = False
        self.app = Starlette(routes=[Route("/conversations", self._conversations), Route("/orders", self._orders)])

    def deals_with(self, supplier: dict[str, Any], *, turns: list[dict[str, Any]], is_active: bool = True) -> None:
        """The bridge knows this supplier, by his number."""
        self.conversations.append(
            {
                "id": f"c-{supplier['key']}", "is_active": is_active, "handled_by": "bot", "thread_id": "t-1",
                "started_at": "2026-11-22T18:00:00Z",
                "supplier": {"id": f"s-{supplier['key']}", "name": supplier["name"], "odoo_partner_id": 1, "language": "es"},
                "contact_points": [{"channel": "whatsapp", "user_identifier": supplier["phone"], "chatwoot_contact_id": None}],
                "turns": turns, "order": None,
            }
        )  # fmt: skip

    async def _conversations(self, request: Request) -> Response:
        return self._answer(request, {"conversations": self.conversations})

    async def _orders(self, request: Request) -> Response:
        return self._answer(request, {"orders": self.orders})

    def _answer(self, request: Request, body: dict[str, Any]) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": {"code": "unauthorized", "message": "no"}}, status_code=401)
        return JSONResponse({} if self.broken else body, status_code=500 if self.broken else 200)


async def a_conversation(sandbox: ChatwootSandbox, supplier: dict[str, Any]) -> None:
    """A supplier writes twice over WhatsApp, the agent answers, a private note is left."""
    said = ["Hola, buenos días", "Tenemos 100 sacos de harina panadera 25 kg a $ 11.250 el saco, despacho el viernes 27"]
    for content in said:
        await incoming(sandbox, inbox="whatsapp", name=supplier["name"], phone=supplier["phone"], content=content)
    conversation = sandbox.store.all(Conversation)[-1]
    answer = (
        "¡Buenos días! Gracias por la oferta. Preparé la cotización P00045 por 100 sacos a $ 11.250. "
        "Una persona del equipo la revisa y le confirmo hoy mismo."
    )
    note = "P00045 supera el monto que puedo confirmar sin una persona ($ 1.000.000). Queda para aprobación."
    await write_outgoing(sandbox, conversation, by=sandbox.bot, content=answer)
    await write_outgoing(sandbox, conversation, by=sandbox.bot, content=note, private=True)
