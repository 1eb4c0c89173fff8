"""What the operating system, the network, other servers and time may do."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain import fault_points
from sandbox.chatwoot.records import MessageType
from tests.integration.webhook_bridge.state_machine.frame import Frame, nothing, only_when, which

#: What a sweep looks back over, and a little less.
_ALMOST_LOOKBACK = timedelta(hours=47)


class Troubles(Frame):
    """Rules of that kind."""

    @rule(seconds=st.sampled_from([7, 1, 31, 61, 305]))
    def time_passes(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))

    @rule(days=st.sampled_from([1, 3, 15]))
    def days_pass(self, days: int) -> None:
        """WhatsApp's window closes; after two weeks a conversation is over. What nobody heard for long, nobody will."""
        by = timedelta(days=days)
        if by > _ALMOST_LOOKBACK:
            stored = self.see().by_chatwoot_id
            said = self.stage.chatwoot.messages(MessageType.INCOMING)
            self.beyond_recall |= {message.id for message in said if message.id not in stored}
        self.pass_time(by)

    @rule(point=st.sampled_from(fault_points.POINTS), passes=st.integers(0, 2))
    def somebody_will_die(self, point: str, passes: int) -> None:
        """Whichever bridge or server comes to this point next."""
        self.stage.kill_at(point, passes=passes)

    @rule(index=which, what=st.sampled_from(["a bridge starts", "a bridge is killed", "the server is restarted"]))
    def a_process(self, index: int, what: str) -> None:
        """A restarted server, killed or dead before, comes back without memory."""
        match what:
            case "a bridge starts" if len(self.stage.bridges) < 3:
                self.play(self.stage.start_bridge())
            case "a bridge is killed" if self.stage.bridges:
                self.play(self.stage.kill_bridge(index % len(self.stage.bridges)))
            case "the server is restarted":
                self.play(self.stage.restart_server())

    @rule(slow=st.booleans())
    def the_server_is(self, slow: bool) -> None:
        """While it is slow each node, and each act on Odoo, waits until the run may go on."""
        if slow:
            self.stage.server.is_slow = True
        else:
            self.stage.server.hurry()
            self.play(nothing())

    @rule(index=which, steps=st.integers(1, 4))
    @only_when(lambda self: bool(self.stage.server.waiting()))
    def a_run_goes_on(self, index: int, steps: int) -> None:
        waiting = self.stage.server.waiting()
        run = waiting[index % len(waiting)]
        for _ in range(steps):
            run.permits.release()
            self.play(nothing())

    @rule(
        whose=st.sampled_from(["chatwoot", "server"]),
        kind=st.sampled_from(["refused", "answers_lost", "answered_500_after"]),
        count=st.integers(1, 3),
    )
    def network_trouble(self, whose: str, kind: str, count: int) -> None:
        trouble = self.stage.chatwoot_trouble if whose == "chatwoot" else self.stage.server_trouble
        setattr(trouble, kind, count)

    @rule(count=st.integers(1, 2))
    def odoo_loses_answers(self, count: int) -> None:
        self.stage.odoo.lost_answers = count
