"""The state machine: what may happen to a bridge, in any order.

A rule is one thing that someone does: here suppliers, and Chatwoot with its webhooks; elsewhere people of the team
(`people.py`), the operating system, the network and time (`troubles.py`). What it sets going runs on by itself until it
waits for the clock, for a permit, or for a webhook that is still on its way.
"""

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sandbox.chatwoot.records import MessageType
from tests.integration.webhook_bridge.state_machine.cast import CAST, WHAT
from tests.integration.webhook_bridge.state_machine.frame import only_when, which
from tests.integration.webhook_bridge.state_machine.people import People
from tests.integration.webhook_bridge.state_machine.troubles import Troubles

writers = st.sampled_from(list(CAST))
contents = st.sampled_from(WHAT)


class Bridging(People, Troubles):
    """All of it together."""

    @initialize(bridges=st.integers(1, 2), opening=st.sampled_from([(), ("quote",), ("quote", "confirmation")]))
    def begins(self, bridges: int, opening: tuple[str, ...]) -> None:
        """Some dealings are under way already."""
        self.play(self.stage.begin(bridges=bridges))
        self.has_begun = True
        for what in opening:
            self.supplier_is_heard("mill", what, seconds=7)

    # -- suppliers ------------------------------------------------------------------------------------------------------

    @rule(who=writers, what=contents)
    def supplier_writes(self, who: str, what: str) -> None:
        """The webhook is on its way."""
        writer = CAST[who]
        orders = [order for order in self.stage.odoo.all_orders() if order.partner_id == writer.partner_id]
        text = writer.texts[what].format(order=f"P{orders[-1].order_id if orders else 1:05d}")
        body = {"inbox": writer.inbox, "content": text} | dict(writer.contact)
        if writer.inbox == "email":
            body |= {"conversation_id": self._thread_of(writer.contact["email"])}
        self.play(self.stage.chatwoot.control("POST", "/incoming", **body))

    @rule(who=writers, what=contents, seconds=st.sampled_from([7, 1, 0]))
    def supplier_is_heard(self, who: str, what: str, seconds: int) -> None:
        """As it mostly goes: the words arrive, and some time passes."""
        self.supplier_writes(who, what)
        self.all_webhooks_arrive(0)
        self.time_passes(seconds)

    def _thread_of(self, email: str) -> int | None:
        """A mail answers the newest thread there is."""
        contacts = {contact.id for contact in self.stage.chatwoot.contacts() if contact.email == email}
        threads = [c.id for c in self.stage.chatwoot.conversations() if c.contact_id in contacts and c.inbox_id == 12]
        return threads[-1] if threads else None

    @rule(back=which)
    @only_when(lambda self: bool(self._deletable()))
    def supplier_deletes(self, back: int) -> None:
        there = self._deletable()
        self.play(self.stage.chatwoot.control("DELETE", f"/messages/{there[-1 - back % len(there)].id}"))

    def _deletable(self) -> list[Any]:
        said = self.stage.chatwoot.messages(MessageType.INCOMING)
        return [message for message in said if not message.content_attributes.get("deleted")]

    # -- webhooks and receipts ------------------------------------------------------------------------------------------

    def has_webhooks(self) -> bool:
        return bool(self.stage.chatwoot.webhooks.jobs)

    @rule(bridge=which)
    @only_when(has_webhooks)
    def all_webhooks_arrive(self, bridge: int) -> None:
        jobs = self.stage.chatwoot.webhooks.jobs
        waiting, jobs[:] = list(jobs), []
        for job in waiting:
            self.play(self.stage.send(job, to=bridge))

    @rule(index=which, bridge=which, fate=st.sampled_from(["arrives", "arrives, and again", "is lost", "is built"]))
    @only_when(has_webhooks)
    def a_webhook(self, index: int, bridge: int, fate: str) -> None:
        """Any of them: so it overtakes the others. One that is built tells how things stand now, however late it comes."""
        jobs = self.stage.chatwoot.webhooks.jobs
        job = jobs[index % len(jobs)]
        if fate == "is built":
            job.begin()
            return
        if fate != "arrives, and again":
            jobs.remove(job)
        if fate != "is lost":
            self.play(self.stage.send(job, to=bridge))

    @rule(index=which, bridges=st.tuples(which, which))
    @only_when(lambda self: len(self.stage.chatwoot.webhooks.jobs) > 1)
    def two_webhooks_arrive_at_once(self, index: int, bridges: tuple[int, int]) -> None:
        jobs = self.stage.chatwoot.webhooks.jobs
        first, second = jobs.pop(index % len(jobs)), jobs.pop(index % len(jobs))

        async def both() -> None:
            await asyncio.gather(self.stage.send(first, to=bridges[0]), self.stage.send(second, to=bridges[1]))

        self.play(both())

    @rule()
    @only_when(lambda self: bool(self.stage.chatwoot.receipts))
    def channels_deliver(self) -> None:
        """They take, deliver and show as read whatever was given to them."""
        self.play(self.stage.chatwoot.run_receipts())
