"""`po-agent`: what one does with the agent from a terminal. `--json` where a program would read it; exit status 0 or 1."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from po_agent.cli_approvals import approvals_app
from po_agent.cli_shared import AsJson, Port, Supplier, given, print_json, print_rows
from po_agent.cli_worklists import conversations_app, outbox_app, set_aside_app, turns_app
from po_agent.settings import load_settings

app = typer.Typer(
    help="The purchase-order agent: suppliers write over Chatwoot, Odoo keeps the orders, LangGraph runs the turns.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(turns_app, name="turns")
app.add_typer(outbox_app, name="outbox")
app.add_typer(approvals_app, name="approvals")
app.add_typer(conversations_app, name="conversations")
app.add_typer(set_aside_app, name="set-aside")


def main() -> None:
    """Run the command line. An error that somebody can do something about is a line that says what, and exit status 1."""
    # Answers are on stdout: what is logged before a command has set up its logs must not get between them.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    try:
        app()
    except Exception as error:
        from po_agent.explained import explained

        told = explained(error)
        if told is None:
            raise
        typer.echo(f"po-agent: {told}", err=True)
        raise SystemExit(1) from None


@app.command()
def up(port: Port = None) -> None:
    """Start the whole product on this machine; Ctrl-C stops it and loses nothing."""
    from po_agent.up import up as start

    start(load_settings(**given(port=port)))


@app.command()
def demo(
    as_json: AsJson = False,
    port: Annotated[int | None, typer.Option(help="Use the product that runs on this port. Default: start one.")] = None,
) -> None:
    """Play one purchase from greeting to billed order; exit status 0 only if every step happened."""
    from po_agent.demo import play

    play(load_settings(**given(port=port)), as_json=as_json, start=port is None)


@app.command()
def chat(
    name: Annotated[str, typer.Option(help="Who you are: any name of your own, or a supplier's id.")] = "Proveedor de prueba",
    port: Port = None,
) -> None:
    """Play a supplier in the terminal, against the product that runs."""
    from po_agent.chat import chat as talk

    asyncio.run(talk(load_settings(**given(port=port)), supplier=name))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from po_agent.database import attached_database
    from storage.migrate import current_revision, upgrade

    with attached_database(load_settings()) as url:
        upgrade(url)
        typer.echo(f"The database is at revision {current_revision(url)}.")


@app.command()
def check(as_json: AsJson = False, port: Port = None) -> None:
    """Is every setting, table and server all right, and nothing paused? What to do if not."""
    from po_agent.check import check_all

    findings = asyncio.run(check_all(load_settings(**given(port=port))))
    if as_json:
        print_json({"ok": all(finding.ok for finding in findings), "checks": [f.to_json() for f in findings]})
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
    print_rows(asyncio.run(stops.pauses(load_settings())), as_json)


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
        print_json(done)
    else:
        for chore, count in done.items():
            typer.echo(f"{chore.replace('_', ' ')}: {'failed, see the log' if count is None else count}")
    if None in done.values():
        raise typer.Exit(1)


@app.command(name="eval")
def evaluate(
    file: Annotated[
        Path, typer.Argument(help="Labelled messages, one JSON object a line (docs/labelling.md).", exists=True, dir_okay=False)
    ],
    model: Annotated[
        list[str] | None, typer.Option(help="A reader: offline, or openai:NAME. Repeat it to compare. Default: offline.")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Write each case's answer here, one JSON object a line.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure readers on labelled messages."""
    from po_agent.evaluate import evaluate as run

    asyncio.run(run(load_settings(), file=file, models=model or ["offline"], predictions=predictions, as_json=as_json))
