"""Orders of events in which a promise was once broken, as the machine found them, told by hand."""

from tests.integration.webhook_bridge.state_machine.machine import Bridging


def test_a_person_takes_over_while_nobody_knows_what_odoo_did(bridging: Bridging) -> None:
    """The RFQ is in Odoo, and its answer was lost: it must come into our tables also while a person has the conversation."""
    bridging.begins(bridges=1, opening=())
    bridging.odoo_loses_answers(count=1)
    bridging.supplier_is_heard("mill", "quote", seconds=7)
    assert [what for what, _ in bridging.stage.odoo.acts] == ["created"]
    bridging.a_person_writes(index=0, how="person")
    bridging.all_webhooks_arrive(0)
