"""`po-agent approvals`: what waits for a person, and what that person says."""

import asyncio
from typing import Annotated, Any

import typer

from po_agent.cli_shared import AsJson, Limit, print_blocks, print_json
from po_agent.settings import load_settings

approvals_app = typer.Typer(help="What waits for a person: list it, approve or reject it.", no_args_is_help=True)

Note = Annotated[str | None, typer.Option(help="A word to the team, kept with the decision.")]


@approvals_app.command("list")
def approvals_list(
    status: Annotated[str | None, typer.Option(help="open, approved, edited, rejected or expired.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """The newest approvals: whose each is, what the supplier wrote, and what is proposed."""
    from po_agent.approvals import newest_approvals

    print_blocks(asyncio.run(newest_approvals(load_settings(), status=status, limit=limit)), as_json)


@approvals_app.command("approve")
def approvals_approve(
    approval_id: int,
    edit: Annotated[
        str | None,
        typer.Option(
            help="JSON, instead of what was proposed. Of a reply its words, "
            'as {"text": "…"} or {"parts": ["…", "…"]}; of link_supplier the partner, as {"odoo_partner_id": 6}.'
        ),
    ] = None,
    partner: Annotated[
        int | None,
        typer.Option(
            min=1, help="For link_supplier: which partner of Odoo's it is, by the id in the address of its page there."
        ),
    ] = None,
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Let what was proposed be done or said; with --edit or --partner, this instead."""
    from po_agent.approvals import edited

    _decide(approval_id, "approve", note, as_json, edit=edited(edit, partner=partner))


@approvals_app.command("reject")
def approvals_reject(approval_id: int, note: Note = None, as_json: AsJson = False) -> None:
    """Nothing is done or said."""
    _decide(approval_id, "reject", note, as_json)


def _decide(approval_id: int, choice: str, note: str | None, as_json: bool, *, edit: dict[str, Any] | None = None) -> None:
    from po_agent.approvals import decide_approval
    from storage.approvals import Choice

    chosen = Choice(choice) if edit is None else Choice.EDIT
    decided = asyncio.run(decide_approval(load_settings(), approval_id, chosen, edit=edit, note=note))
    if as_json:
        print_json(decided)
    else:
        typer.echo(f"Approval {decided['id']} ({decided['kind']}) is {decided['status']} by {decided['decided_by']}.")
