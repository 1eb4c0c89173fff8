"""What people of the team may do: in Chatwoot, at the agent's switches, with its questions, and in Odoo."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from storage.models import Approval, Supplier
from storage.pauses import Pauses
from tests.integration.webhook_bridge.state_machine.cast import STRANGER_AS_PARTNER
from tests.integration.webhook_bridge.state_machine.frame import Frame, only_when, which

#: What somebody may do to a Chatwoot conversation: the body of the stand-in's control route.
_ACTS: dict[str, dict[str, Any]] = {
    "takes it": {"assignee": "person"},
    "gives it back": {"assignee": "nobody"},
    "marks it pending": {"status": "pending"},
    "opens it": {"status": "open"},
    "resolves it": {"status": "resolved"},
    "puts it off": {"status": "snoozed", "snooze_seconds": 3600},
}


class People(Frame):
    """Rules of that kind."""

    @rule(index=which, act=st.sampled_from(list(_ACTS)))
    @only_when(lambda self: bool(self.stage.chatwoot.conversations()))
    def a_person(self, index: int, act: str) -> None:
        """Acts on a Chatwoot conversation. The webhook is on its way."""
        there = self.stage.chatwoot.conversations()
        conversation = there[index % len(there)]
        self.touched.add(conversation.id)
        self.play(self.stage.chatwoot.control("POST", f"/conversations/{conversation.id}", **_ACTS[act]))

    @rule(index=which, how=st.sampled_from(["person", "phone_app", "note"]))
    @only_when(lambda self: bool(self.stage.chatwoot.conversations()))
    def a_person_writes(self, index: int, how: str) -> None:
        """In the dashboard, with the company's own phone, or a private note, which is no answer."""
        there = self.stage.chatwoot.conversations()
        conversation = there[index % len(there)]
        body: dict[str, Any] = {"conversation_id": conversation.id, "content": "Yo me encargo."}
        if how == "note":
            body["private"] = True
        else:
            self.touched.add(conversation.id)
            body["as"] = how if conversation.inbox_id == 11 else "person"
        self.play(self.stage.chatwoot.control("POST", "/person", **body))

    @rule(on=st.booleans(), index=st.none() | which)
    def agent_is_stopped(self, on: bool, index: int | None) -> None:
        """Altogether, or for one supplier; or let go on."""
        self.play(self._switch(on=on, index=index))

    async def _switch(self, *, on: bool, index: int | None) -> None:
        suppliers = await self.stage.rows(Supplier)
        if index is not None and not suppliers:
            return
        whom = suppliers[index % len(suppliers)].id if index is not None else None
        async with self.stage.database.session() as session:
            pauses = Pauses(session)
            await (pauses.pause(whom, by="test") if on else pauses.resume(whom, by="test"))

    @rule(index=which, decision=st.sampled_from(["approve", "reject"]))
    def a_person_decides(self, index: int, decision: str) -> None:
        """One of the questions that are open, if there is any. What cannot be decided so is refused, and stays open."""
        self.play(self._decide(index, decision))

    async def _decide(self, index: int, decision: str) -> None:
        waiting = [approval for approval in await self.stage.rows(Approval) if approval.status == "open"]
        if waiting:
            number = waiting[index % len(waiting)].id
            answer = await self.stage.ask("POST", f"/approvals/{number}", json={"decision": decision})
            assert answer is None or answer.status_code < 500, f"Deciding on {number}: {answer.status_code} {answer.text}"

    @rule(what=st.sampled_from(["learns the stranger", "receives the goods", "is down", "is up"]))
    def odoo(self, what: str) -> None:
        """Somebody enters a supplier, or the goods come in; or nobody can ask it anything."""
        match what:
            case "learns the stranger":
                self.stage.odoo.learn_partner(STRANGER_AS_PARTNER)
            case "receives the goods":
                self.play(self.stage.odoo.receive_all())
            case "is down" | "is up":
                self.stage.odoo.is_down(what == "is down")
