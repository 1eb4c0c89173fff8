"""`po-agent`: what one does with the agent from a terminal. `--json` where a program would read it; exit status 0 or 1."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from domain.errors import AgentError
from po_agent.settings import load_settings

app = typer.Typer(
    help="The purchase-order agent: suppliers write over Chatwoot, Odoo keeps the orders, LangGraph runs the turns.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
turns_app = typer.Typer(help="Turns: list them, or try a failed one again.", no_args_is_help=True)
outbox_app = typer.Typer(help="Outgoing messages: list them, or send failed ones again.", no_args_is_help=True)
app.add_typer(turns_app, name="turns")
app.add_typer(outbox_app, name="outbox")
approvals_app = typer.Typer(help="What waits for a person: list it, approve or reject it.", no_args_is_help=True)
app.add_typer(approvals_app, name="approvals")
conversations_app = typer.Typer(
    help="Conversations: list the active ones, or give one back to the agent.", no_args_is_help=True
)
app.add_typer(conversations_app, name="conversations")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Supplier = Annotated[str | None, typer.Option(help="Only this supplier, by its id. Default: everything.")]
Note = Annotated[str | None, typer.Option(help="A word to the team, kept with the decision.")]
Port = Annotated[int | None, typer.Option(help="The port on 127.0.0.1. Default: PORT, else 8010.")]


def main() -> None:
    """Run the command line. An error of ours is a line that says what to do, and exit status 1."""
    # Answers are on stdout: what is logged before a command has set up its logs must not get between them.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    try:
        app()
    except AgentError as error:
        typer.echo(f"po-agent: {error}", err=True)
        raise SystemExit(1) from None


@app.command()
def up(port: Port = None) -> None:
    """Start the whole product on this machine; Ctrl-C stops it and loses nothing."""
    from po_agent.up import up as start

    start(load_settings(**_given(port=port)))


@app.command()
def demo(
    as_json: AsJson = False,
    port: Annotated[int | None, typer.Option(help="Use the product that runs on this port. Default: start one.")] = None,
) -> None:
    """Play one purchase from greeting to billed order; exit status 0 only if every step happened."""
    from po_agent.demo import play

    play(load_settings(**_given(port=port)), as_json=as_json, start=port is None)


@app.command()
def chat(
    name: Annotated[str, typer.Option(help="Who you are: any name of your own, or a supplier's id.")] = "Proveedor de prueba",
    port: Port = None,
) -> None:
    """Play a supplier in the terminal, against the product that runs."""
    from po_agent.chat import chat as talk

    asyncio.run(talk(load_settings(**_given(port=port)), supplier=name))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from po_agent.database import attached_database
    from storage.migrate import current_revision, upgrade

    with attached_database(load_settings()) as url:
        upgrade(url)
        typer.echo(f"The database is at revision {current_revision(url)}.")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Is every setting, table and server all right? What to do if not."""
    from po_agent.check import check_all

    findings = asyncio.run(check_all(load_settings()))
    if as_json:
        _print_json({"ok": all(finding.ok for finding in findings), "checks": [f.to_json() for f in findings]})
    else:
        for finding in findings:
            state = "WARN " if finding.warning else "ok   " if finding.ok else "FAULT"
            typer.echo(f"{state} {finding.name}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def pause(
    supplier: Supplier = None,
    listing: Annotated[bool, typer.Option("--list", help="Only show what is paused.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop: no turn is claimed, nothing is done on Odoo, nothing is sent. What suppliers write is kept for later."""
    from po_agent import stops

    if not listing and not asyncio.run(stops.pause(load_settings(), supplier=supplier)):
        typer.echo("It was paused already.")
    _print_rows(asyncio.run(stops.pauses(load_settings())), as_json)


@app.command()
def resume(supplier: Supplier = None) -> None:
    """Go on after `pause`: what was written meanwhile is answered now."""
    from po_agent import stops

    resumed = asyncio.run(stops.resume(load_settings(), supplier=supplier))
    typer.echo("The agent goes on." if resumed else "It was not paused.")


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """Put right now what nothing tells of (lost webhooks, idle conversations …); the bridge does so from time to time."""
    from po_agent.reconcile import reconcile_once

    done = asyncio.run(reconcile_once(load_settings()))
    if as_json:
        _print_json(done)
    else:
        for chore, count in done.items():
            typer.echo(f"{chore.replace('_', ' ')}: {'failed, see the log' if count is None else count}")
    if None in done.values():
        raise typer.Exit(1)


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled messages, one JSON object a line (docs/labelling.md).", exists=True)],
    model: Annotated[
        list[str] | None, typer.Option(help="A reader: offline, or openai:NAME. Repeat it to compare. Default: offline.")
    ] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write each case's answer here, one JSON object a line.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure readers on labelled messages."""
    from po_agent.evaluate import evaluate as run

    asyncio.run(run(load_settings(), file=file, models=model or ["offline"], predictions=predictions, as_json=as_json))


@conversations_app.command("list")
def conversations_list(limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False) -> None:
    """The active conversations, newest first: who has each, and whose it is."""
    from po_agent.stops import conversations

    _print_rows(asyncio.run(conversations(load_settings(), limit=limit)), as_json)


@conversations_app.command("hand-back")
def conversations_hand_back(conversation_id: str) -> None:
    """Give a conversation that a person had back to the agent."""
    from po_agent.stops import hand_back

    asyncio.run(hand_back(load_settings(), conversation_id))
    typer.echo("The agent goes on in this conversation.")


@turns_app.command("list")
def turns_list(
    status: Annotated[str | None, typer.Option(help="collecting, running, waiting, done or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest turns."""
    from po_agent.worklists import newest_turns

    _print_rows(asyncio.run(newest_turns(load_settings(), status=status, limit=limit)), as_json)


@turns_app.command("retry")
def turns_retry(turn_id: int) -> None:
    """Try a failed turn again, and give its conversation back to the agent."""
    from po_agent.worklists import retry_turn

    asyncio.run(retry_turn(load_settings(), turn_id))
    typer.echo(f"Turn {turn_id} will be tried again.")


@outbox_app.command("list")
def outbox_list(
    status: Annotated[str | None, typer.Option(help="queued, sent, delivered, read, failed or cancelled.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest outgoing messages."""
    from po_agent.worklists import newest_outgoing

    _print_rows(asyncio.run(newest_outgoing(load_settings(), status=status, limit=limit)), as_json)


@outbox_app.command("retry")
def outbox_retry(message_id: int) -> None:
    """Send a failed message again (the Chatwoot conversation is read back first)."""
    from po_agent.worklists import retry_message

    asyncio.run(retry_message(load_settings(), message_id))
    typer.echo(f"Message {message_id} is queued again.")


@approvals_app.command("list")
def approvals_list(
    status: Annotated[str | None, typer.Option(help="open, approved, edited, rejected or expired.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest approvals."""
    from po_agent.worklists import newest_approvals

    _print_rows(asyncio.run(newest_approvals(load_settings(), status=status, limit=limit)), as_json)


@approvals_app.command("approve")
def approvals_approve(
    approval_id: int,
    edit: Annotated[str | None, typer.Option(help='JSON: other words for a reply, as {"text": …}.')] = None,
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Let what was proposed be done or said; with --edit, this instead."""
    _decide(approval_id, "edit" if edit else "approve", note, as_json, edit=edit)


@approvals_app.command("reject")
def approvals_reject(approval_id: int, note: Note = None, as_json: AsJson = False) -> None:
    """Nothing is done or said."""
    _decide(approval_id, "reject", note, as_json)


def _decide(approval_id: int, choice: str, note: str | None, as_json: bool, *, edit: str | None = None) -> None:
    from po_agent.worklists import decide_approval
    from storage.approvals import Choice

    decided = asyncio.run(decide_approval(load_settings(), approval_id, Choice(choice), edit=edit, note=note))
    if as_json:
        _print_json(decided)
    else:
        typer.echo(f"Approval {decided['id']} ({decided['kind']}) is {decided['status']} by {decided['decided_by']}.")


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given: they come before the environment."""
    return {name: value for name, value in options.items() if value is not None}


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
    elif not rows:
        typer.echo("There are none.")
    else:
        for row in rows:
            typer.echo("  ".join(str(value) for value in row.values()))


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
