"""`po-agent turns|outbox|conversations|set-aside`: lists to look through, and what can be done with one thing of each."""

import asyncio
from typing import Annotated

import typer

from po_agent.cli_shared import AsJson, Limit, print_json, print_rows
from po_agent.settings import load_settings

turns_app = typer.Typer(help="Turns: list them, or try a failed one again.", no_args_is_help=True)
outbox_app = typer.Typer(help="Outgoing messages: list them, or send one now that failed or waits.", no_args_is_help=True)
conversations_app = typer.Typer(
    help="Conversations: list the active ones, or give one back to the agent.", no_args_is_help=True
)
set_aside_app = typer.Typer(
    help="Webhooks that were signed and not understood: list them, look at one, drop it.", no_args_is_help=True
)

#: How much of a long text a list shows in its line.
_LONG = 80


@turns_app.command("list")
def turns_list(
    status: Annotated[str | None, typer.Option(help="collecting, running, waiting, done or failed.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """The newest turns."""
    from po_agent.worklists import newest_turns

    print_rows(asyncio.run(newest_turns(load_settings(), status=status, limit=limit)), as_json, cut={"error": 2 * _LONG})


@turns_app.command("retry")
def turns_retry(turn_id: int) -> None:
    """Try a failed turn again, and give its conversation back to the agent."""
    from po_agent.worklists import retry_turn

    asyncio.run(retry_turn(load_settings(), turn_id))
    typer.echo(f"Turn {turn_id} will be tried again.")


@outbox_app.command("list")
def outbox_list(
    status: Annotated[str | None, typer.Option(help="queued, sent, delivered, read, failed or cancelled.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """The newest outgoing messages, to suppliers and as private notes to the team. --json has their whole text."""
    from po_agent.outbox import newest_outgoing

    rows = asyncio.run(newest_outgoing(load_settings(), status=status, limit=limit))
    print_rows(rows, as_json, cut={"failure": 2 * _LONG, "content": _LONG})


@outbox_app.command("retry")
def outbox_retry(message_id: int) -> None:
    """Send a failed message again, or one that waits now (if it may be in Chatwoot already, it is looked for there first)."""
    from po_agent.outbox import retry_message

    at = asyncio.run(retry_message(load_settings(), message_id))
    typer.echo(f"Message {message_id} is queued, and tried at {at.isoformat(timespec='seconds')}.")


@conversations_app.command("list")
def conversations_list(limit: Limit = 20, as_json: AsJson = False) -> None:
    """The active conversations, newest first: who has each, and whose it is."""
    from po_agent.stops import conversations

    print_rows(asyncio.run(conversations(load_settings(), limit=limit)), as_json)


@conversations_app.command("hand-back")
def conversations_hand_back(conversation_id: str) -> None:
    """Give a conversation that a person had back to the agent."""
    from po_agent.stops import hand_back

    asyncio.run(hand_back(load_settings(), conversation_id))
    typer.echo("The agent goes on in this conversation.")


@set_aside_app.command("list")
def set_aside_list(limit: Limit = 20, as_json: AsJson = False) -> None:
    """The newest webhooks set aside, and why each was."""
    from po_agent.worklists import newest_set_aside

    print_rows(asyncio.run(newest_set_aside(load_settings(), limit=limit)), as_json, cut={"reason": 2 * _LONG})


@set_aside_app.command("show")
def set_aside_show(set_aside_id: int) -> None:
    """All of one, as JSON: its headers and its body."""
    from po_agent.worklists import show_set_aside

    print_json(asyncio.run(show_set_aside(load_settings(), set_aside_id)))


@set_aside_app.command("drop")
def set_aside_drop(set_aside_id: int) -> None:
    """Forget one that you have looked at. It is gone for good."""
    from po_agent.worklists import drop_set_aside

    asyncio.run(drop_set_aside(load_settings(), set_aside_id))
    typer.echo(f"Webhook {set_aside_id} is dropped.")
