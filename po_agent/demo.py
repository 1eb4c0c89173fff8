"""`po-agent demo`: one purchase from greeting to billed order, played over HTTP through all of it.

It plays the supplier (in the stand-in Chatwoot), and warehouse and biller (in the sandbox's Odoo), and believes nothing but
what the product shows: the reply that reached the supplier, and the order's state at `GET /orders`.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import typer

from domain.errors import AgentError
from po_agent.free_port import free_port
from po_agent.settings import Settings, load_settings
from po_agent.up import serving

T = TypeVar("T")

#: Seconds that one step may take: a turn answers within two or three.
STEP_PATIENCE = 60

SUPPLIER = {"name": "Molino San Cristóbal SpA", "phone": "+56961230101"}


class StepFailed(AgentError):
    """A step of the demo did not happen."""

    code = "demo_step_failed"


@dataclass(frozen=True)
class Played:
    """One step: who did what, what came back, and where the order then stood."""

    who: str
    did: str
    reply: str
    order: str | None
    state: str | None
    seconds: float


def play(settings: Settings, *, as_json: bool, start: bool) -> None:
    """Play it, on a product of its own unless `start` is false. Raises `StepFailed` for the first step that did not happen."""
    with _own_product() if start else _running_product(settings) as used:
        steps = []
        with Stage(used) as stage:
            for step in purchase(stage):
                steps.append(step)
                if not as_json:
                    _tell(step)
    if as_json:
        typer.echo(
            json.dumps({"state": steps[-1].state, "steps": [asdict(step) for step in steps]}, ensure_ascii=False, indent=2)
        )
    else:
        typer.echo(f"\nThe order {steps[-1].order} is {steps[-1].state}.")


def purchase(stage: "Stage") -> Iterator[Played]:
    """The steps, each checked before the next."""
    yield stage.supplier_writes("Hola, buenos días", until=None)
    quoted = stage.supplier_writes("Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u", until="sent")
    yield quoted
    yield stage.supplier_writes(f"Confirmo la {quoted.order}", until="confirmed")
    yield stage.house_does("warehouse", "receive")
    yield stage.supplier_writes(f"¿En qué está la {quoted.order}?", until="received")
    yield stage.house_does("biller", "bill")
    yield stage.supplier_writes("¿Y ahora, en qué va la orden?", until="billed")


class Stage:
    """One purchase with one supplier who is new to Chatwoot, seen from outside."""

    def __init__(self, settings: Settings) -> None:
        self._bridge = httpx.Client(
            base_url=settings.home,
            headers={"Authorization": f"Bearer {settings.bridge_api_token.get_secret_value()}"},
            timeout=30,
        )
        self._chatwoot = httpx.Client(
            base_url=f"{settings.home}/sandbox/chatwoot",
            headers={"api-access-token": settings.chatwoot_api_key.get_secret_value()},
            timeout=30,
        )
        self._page = httpx.Client(base_url=f"{settings.home}/sandbox", headers={"Sec-Fetch-Site": "same-origin"}, timeout=30)
        self._chatwoot_conversation: int | None = None
        self._order: dict[str, Any] | None = None
        self._before = {order["odoo_id"] for order in self._orders()}

    def __enter__(self) -> "Stage":
        """Open until the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        for client in (self._bridge, self._chatwoot, self._page):
            client.close()

    def supplier_writes(self, words: str, *, until: str | None) -> Played:
        """The supplier writes, the agent answers, and the order comes to the state `until` (None: there is no order yet)."""
        began = time.monotonic()
        body = {"inbox": "whatsapp", "content": words} | SUPPLIER
        sent = _json(self._chatwoot.post("/control/incoming", json=body))
        self._chatwoot_conversation = sent["conversation_id"]
        reply = _await(lambda: self._reply_after(sent["message_id"]), f"an answer to «{words}»")
        _await(
            lambda: self._state() == until or None,
            f"the order in state {until} after «{words}» (is another order of this supplier open?)",
        )
        return self._played("supplier", words, reply, began)

    def house_does(self, who: str, part: str) -> Played:
        """Someone of the house acts in Odoo; the agent learns of it when it next looks."""
        began = time.monotonic()
        if self._order is None:
            raise StepFailed(f"There is no order for the {who}.")
        _json(self._page.post(f"/orders/{self._order['odoo_id']}/{part}", json={}))
        return self._played(who, part, "", began)

    def _played(self, who: str, did: str, reply: str, began: float) -> Played:
        order = self._order or {}
        return Played(who, did, reply, order.get("name"), order.get("state"), round(time.monotonic() - began, 1))

    def _reply_after(self, message_id: int) -> str | None:
        """What the supplier reads on the phone since that message."""
        listed = _json(self._chatwoot.get("/control/messages", params={"conversation_id": self._chatwoot_conversation}))
        replies = [
            str(message["content"])
            for message in listed["messages"]
            if message["id"] > message_id and message["message_type"] == 1 and not message["private"]
        ]
        return "\n".join(replies) or None

    def _state(self) -> str | None:
        """The state of the order of this purchase, as the bridge tells it."""
        new = [order for order in self._orders() if order["odoo_id"] not in self._before]
        self._order = new[0] if new else None
        return self._order["state"] if self._order else None

    def _orders(self) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = _json(self._bridge.get("/orders"))["orders"]
        return orders


@contextmanager
def _own_product() -> Iterator[Settings]:
    """A product of its own: free port, data in a folder that is gone afterwards, sandbox whatever the environment says."""
    with tempfile.TemporaryDirectory(prefix="po-agent-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        settings = demo_settings(Path(folder))
        try:
            with serving(settings, quiet=True):
                yield settings
        except AgentError:
            typer.echo(
                (Path(folder) / "server.log").read_text()[-3000:] if (Path(folder) / "server.log").exists() else "", err=True
            )
            raise


def demo_settings(folder: Path, **given: Any) -> Settings:
    """Settings of a product for play: sandbox, offline reader, a short debounce, everything below `folder`.

    They are the defaults, whatever the environment or `.env` say: a play must not find its way to a real Chatwoot or Odoo.
    """
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return load_settings(**(defaults | {"port": free_port(), "data_dir": folder, "debounce_seconds": 0.5} | given))


@contextmanager
def _running_product(settings: Settings) -> Iterator[Settings]:
    try:
        httpx.get(f"{settings.home}/health", timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        raise StepFailed(f"Nothing answers on {settings.home}: start it with `make run`.") from error
    yield settings


def _await(look: Callable[[], T | None], what: str) -> T:
    end = time.monotonic() + STEP_PATIENCE
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise StepFailed(f"Waited {STEP_PATIENCE} s for {what}.")


def _json(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise StepFailed(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:300]}"
        )
    return answer.json()


def _tell(step: Played) -> None:
    typer.echo(f"\n{step.who}: {step.did}   ({step.seconds} s)")
    for line in step.reply.splitlines():
        typer.echo(f"    {line}")
    if step.who != "supplier":
        typer.echo("    → done in Odoo; the agent learns of it when it next looks")
    elif step.order:
        typer.echo(f"    → {step.order} {step.state}")
