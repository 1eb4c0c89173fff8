"""The stage of the graph's tests: a real database, the real nodes and tools, the in-memory Odoo with the demo's data.

Stand-ins are named as such: `ScriptedReader` for a language model, `WatchedOdoo` for a connection to Odoo that may break,
and a clock that moves only when told to. The bridge's part (collecting and claiming turns) is played by `Scene`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from sqlalchemy import select
from typing_extensions import override

from domain.identity import Channel, Sender
from domain.messages import Author, Direction, MessageStatus
from domain.modes import AgentMode
from domain.orders import Order, RfqItem
from domain.policy import PolicyLimits
from domain.understanding import Intent, OfferedLine, Reader, ReadingContext, Understanding
from graphs.purchase_order.graph import build_purchase_order
from graphs.purchase_order.node import Node
from graphs.purchase_order.nodes.intent_classifier import intent_classifier
from graphs.purchase_order.nodes.message_dispatcher import message_dispatcher
from graphs.purchase_order.nodes.message_reader import message_reader
from graphs.purchase_order.nodes.order_handler import order_handler
from graphs.purchase_order.nodes.response_generator import response_generator
from graphs.purchase_order.services import Services
from sandbox.odoo_demo_data import DEMO_ODOO
from storage.approvals import Choice
from storage.checkpointer import strict_serializer
from storage.conversations import Conversations
from storage.decisions import decide
from storage.engine import Database
from storage.messages import Messages
from storage.models import Approval, Base, Conversation, Message, Turn
from storage.suppliers import Suppliers
from storage.turns import Turns
from tools.odoo.memory_adapter import InMemoryOdoo
from tools.odoo.port import OdooUnavailable
from tools.odoo.seed import OdooSeed
from webhook_bridge.identity import Linker

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
QUIET, CAP, LEASE = timedelta(seconds=6), timedelta(seconds=30), timedelta(seconds=60)

#: Suppliers of the demo data, as WhatsApp shows them. Partners 1 (es_CL), 4 (pt_BR) and 5 (en_US).
MILL = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=501, inbox_id=11, name="Rosa", phone="+56961230101")
BRAZIL = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=504, inbox_id=11, name="João", phone="+5591988230104")
PACIFIC = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=505, inbox_id=11, name="Ann", phone="+12065550105")
STRANGER = Sender(channel=Channel.WHATSAPP, account_id=1, contact_id=599, inbox_id=11, name="?", phone="+56900000000")

R = TypeVar("R", bound=Base)


class Held(NamedTuple):
    """A claimed turn."""

    turn_id: int
    attempt: int


class ScriptedReader:
    """Stand-in for a model: answers what the test wrote, in order (the last one again and again), and counts its calls."""

    name = "scripted"

    def __init__(self, *readings: Understanding | Exception) -> None:
        self.readings = list(readings)
        self.asked: list[tuple[tuple[str, ...], ReadingContext]] = []

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        self.asked.append((tuple(messages), context))
        reading = self.readings[min(len(self.asked), len(self.readings)) - 1]
        if isinstance(reading, Exception):
            raise reading
        return reading


class WatchedOdoo(InMemoryOdoo):
    """The in-memory Odoo, its acting calls written down. `lost_answers`: calls that act, and whose answer gets lost."""

    def __init__(self, *, data: Mapping[str, Any] = DEMO_ODOO) -> None:
        super().__init__(seed=OdooSeed.from_json(data))
        self.calls: list[str] = []
        self.lost_answers: list[str] = []

    @override
    async def create_rfq(
        self, *, partner_id: int, items: Sequence[RfqItem], key: str, origin: str = "", planned_date: date | None = None
    ) -> Order:
        order = await super().create_rfq(partner_id=partner_id, items=items, key=key, origin=origin, planned_date=planned_date)
        return self._answer("create_rfq", order)

    @override
    async def send_rfq(self, order_id: int, *, partner_id: int) -> Order:
        return self._answer("send_rfq", await super().send_rfq(order_id, partner_id=partner_id))

    @override
    async def confirm_order(self, order_id: int, *, partner_id: int) -> Order:
        return self._answer("confirm_order", await super().confirm_order(order_id, partner_id=partner_id))

    def _answer(self, call: str, order: Order) -> Order:
        self.calls.append(call)
        if call in self.lost_answers:
            self.lost_answers.remove(call)
            raise OdooUnavailable(f"The answer to {call} got lost.")
        return order


@dataclass
class Scene:
    """One database, one Odoo, one reader, one clock; and the graph with a checkpointer that takes plain JSON only."""

    database: Database
    odoo: WatchedOdoo = field(default_factory=WatchedOdoo)
    reader: Reader = field(default_factory=ScriptedReader)
    mode: AgentMode = AgentMode.AUTO
    #: As on the sandbox: its suppliers have no past.
    limits: PolicyLimits = field(default_factory=lambda: PolicyLimits(first_order_to_person=False))
    now: datetime = NOW
    #: While set, every node dies of it before it begins, as with its process.
    killed_by: Exception | None = None
    saver: InMemorySaver = field(default_factory=lambda: InMemorySaver(serde=strict_serializer()))

    def __post_init__(self) -> None:
        self.graph: CompiledStateGraph[Any, Any, Any, Any] = build_purchase_order(self.provide)
        self.graph.checkpointer = self.saver
        self._chatwoot_ids = 0

    async def provide(self) -> Services:
        if self.killed_by is not None:
            raise self.killed_by
        return self.services

    @property
    def services(self) -> Services:
        return Services(
            database=self.database,
            odoo=self.odoo,
            reader=self.reader,
            limits=self.limits,
            mode=self.mode,
            now=lambda: self.now,
            timezone="America/Santiago",
            quiet=QUIET,
            lease=LEASE,
        )

    async def hear(self, *texts: str, sender: Sender = MILL, files: int = 0) -> int:
        """What intake does: messages of one burst, the files with the last; answers the turn that collects them."""
        async with self.database.session() as session:
            point = await Suppliers(session).contact_point_of(sender, heard_at=self.now)
            conversation = await Conversations(session).active_or_new(point.supplier_id)
            for text in texts:
                self._chatwoot_ids += 1
                turn_id = await Turns(session).collect(
                    conversation_id=conversation.id,
                    account_id=1,
                    chatwoot_conversation_id=sender.contact_id or 0,
                    now=self.now,
                    quiet=QUIET,
                    cap=CAP,
                )
                await Messages(session).add_once(
                    {
                        "conversation_id": conversation.id,
                        "contact_point_id": point.id,
                        "turn_id": turn_id,
                        "channel": sender.channel,
                        "account_id": 1,
                        "chatwoot_conversation_id": sender.contact_id,
                        "chatwoot_inbox_id": sender.inbox_id,
                        "chatwoot_message_id": self._chatwoot_ids,
                        "direction": Direction.INBOUND,
                        "status": MessageStatus.RECEIVED,
                        "author": Author.SUPPLIER,
                        "content": text,
                        "attachments": [{"file_type": "file"}] * files if text == texts[-1] else [],
                        "timestamp": self.now,
                    }
                )
        return turn_id

    async def claim(self) -> Held:
        """What the bridge does next, once the burst is quiet, a retry due or the lease of an attempt over."""
        self.now += max(QUIET, LEASE)
        async with self.database.session() as session:
            turn = await Turns(session).claim(now=self.now, lease=LEASE)
        assert turn is not None, "no turn is due"
        turn = await Linker(database=self.database, partners=self.odoo, now=lambda: self.now).settle(turn)
        return Held(turn.id, turn.attempt)

    async def run(self, held: Held) -> dict[str, Any]:
        """One run of the graph on the conversation's thread."""
        turn = await self.turn(held.turn_id)
        return await self.invoke({"turn_id": held.turn_id, "attempt": held.attempt}, thread_id=turn.conversation.thread_id)

    async def invoke(self, given: Mapping[str, Any], *, thread_id: UUID) -> dict[str, Any]:
        result: dict[str, Any] = await self.graph.ainvoke(dict(given), config_of(thread_id))
        return result

    async def answer(self, *texts: str, sender: Sender = MILL, files: int = 0) -> dict[str, Any]:
        """From a supplier's words to the end of the turn that answers them."""
        await self.hear(*texts, sender=sender, files=files)
        return await self.run(await self.claim())

    async def decide(self, approval_id: int, choice: str = "approve", **given: Any) -> Approval:
        """What the API does."""
        async with self.database.session() as session:
            return await decide(session, approval_id, Choice(choice), by="api", now=self.now, **given)

    async def asked(self, kind: str | None = None) -> list[Approval]:
        """The open approvals."""
        return [one for one in await self.rows(Approval) if one.status == "open" and kind in (None, one.kind)]

    async def said(self) -> list[str]:
        """All that suppliers are told, in order."""
        return [message.content for message in await self.outgoing() if not message.private]

    async def notes(self) -> list[str]:
        """All that only our own team is told, in order."""
        return [message.content for message in await self.outgoing() if message.private]

    async def turn(self, turn_id: int) -> Turn:
        async with self.database.session() as session:
            return await Turns(session).get(turn_id)

    async def rows(self, table: type[R]) -> list[R]:
        async with self.database.session() as session:
            return list(await session.scalars(select(table).order_by("id")))

    async def outgoing(self) -> list[Message]:
        return [message for message in await self.rows(Message) if message.direction == Direction.OUTBOUND]

    async def orders(self, partner_id: int = 1) -> list[Order]:
        return await self.odoo.list_orders(partner_id=partner_id)

    async def hand_to(self, handler: str) -> None:
        async with self.database.session() as session:
            for conversation in await session.scalars(select(Conversation)):
                conversation.handled_by = handler


NODES: list[Node] = [message_reader, intent_classifier, order_handler, response_generator, message_dispatcher]


async def walk(scene: Scene, held: Held, *nodes: Node) -> Any:
    """The state after these nodes, called as plain functions: no server, no graph. The attempt ends where they end."""
    state: Any = {"turn_id": held.turn_id, "attempt": held.attempt}
    for node in nodes:
        state |= await node(state, scene.services)
    return state


def config_of(thread_id: UUID) -> Any:
    return {"configurable": {"thread_id": str(thread_id)}}


def flour(quantity: str | None = "20", price: str | None = "17900", product: str = "harina panadera 25 kg") -> OfferedLine:
    return OfferedLine(
        product=product,
        quantity=Decimal(quantity) if quantity else None,
        unit="saco",
        unit_price=Decimal(price) if price else None,
        currency="CLP" if price else None,
    )


def an_offer(*lines: OfferedLine, **changes: Any) -> Understanding:
    return Understanding(intent=Intent.NEW_QUOTE, lines=lines or (flour(),), **changes)


def a_yes(name: str = "P00001", **changes: Any) -> Understanding:
    return Understanding(intent=Intent.CONFIRM_ORDER, order_ref=name, **changes)


def a_question(name: str | None = "P00001", **changes: Any) -> Understanding:
    return Understanding(intent=Intent.ORDER_STATUS, order_ref=name, **changes)


def a_greeting(**changes: Any) -> Understanding:
    return Understanding(intent=Intent.SMALLTALK, **changes)
