"""A real Chatwoot: webhook in, reply out, states back. Skipped, loudly, unless it is asked for (docs/setup.md)."""

from functools import partial
from typing import Any

from tests.live.chatwoot import Live, Talk, until

#: An answer to it needs no supplier of Odoo's and tells nobody anything.
GREETING = "Hola, buenos días"


def test_the_bridge_reaches_what_it_needs(live: Live) -> None:
    told = live.bridge.get("/ready").json()
    assert told["ready"] is True, told
    assert told["dependencies"]["chatwoot"]["ok"] is True, told


def test_a_contacts_words_come_in_by_webhook(talk: Talk) -> None:
    written = talk.write(GREETING)
    row = until(lambda: talk.live.stored(written), f"the webhook of message {written}")
    assert (row["direction"], row["content"], row["channel"]) == ("inbound", GREETING, "api")
    assert row["chatwoot_conversation_id"] == talk.conversation_id


def test_the_reply_goes_out_once(talk: Talk) -> None:
    written = talk.write(GREETING)
    reply = until(lambda: talk.replies(written), "a reply")[-1]["id"]
    row = until(partial(_in_state, talk, reply, "sent", "delivered", "read"), f"the bridge to know that {reply} is its reply")
    assert row["direction"] == "outbound"
    again = talk.write("¿Siguen ahí?")
    until(lambda: talk.replies(again), "a second reply")
    replies = talk.replies(written)
    keys = [message["content_attributes"]["bridge_message_id"] for message in replies]
    assert len(keys) == len(set(keys)), "a message is there twice"
    said_before = [message["content"] for message in replies if message["id"] < again]
    assert len(said_before) == len(set(said_before)), "the same was said twice"


def test_states_come_back(talk: Talk) -> None:
    written = talk.write(GREETING)
    reply = until(lambda: talk.replies(written), "a reply")[-1]["id"]
    for state in ("delivered", "read"):
        talk.becomes(reply, state)
        until(partial(_in_state, talk, reply, state), f"the bridge to know that message {reply} is {state}")


def test_a_failure_comes_back_with_its_reason(talk: Talk) -> None:
    written = talk.write(GREETING)
    reply = until(lambda: talk.replies(written), "a reply")[-1]["id"]
    talk.becomes(reply, "failed", external_error="The phone is off")
    row = until(partial(_in_state, talk, reply, "failed"), f"the bridge to know that message {reply} failed")
    assert "The phone is off" in row["failure"]


def _in_state(talk: Talk, message_id: int, *states: str) -> dict[str, Any] | None:
    row = talk.live.stored(message_id)
    return row if row and row["status"] in states else None
