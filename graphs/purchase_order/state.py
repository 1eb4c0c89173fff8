"""What flows through a run. Ids and small facts in plain JSON; the truth is in the tables.

The input's own channels live for one step only (`EphemeralValue`), and `message_reader` writes every other channel, so
nothing of one turn or attempt can be seen by the next, also when a run was killed half-way.
"""

from typing import Annotated, Any

from langgraph.channels import EphemeralValue
from pydantic import Field
from typing_extensions import TypedDict  # pydantic refuses the one of typing before Python 3.12


class TurnInput(TypedDict, total=False):
    """Either a turn of the bridge (`turn_id`, `attempt`), or words to be heard as a supplier's (`messages`, `supplier`)."""

    turn_id: Annotated[int, Field(description="A turn that the bridge has claimed")]
    attempt: Annotated[int, Field(description="The attempt it was claimed for; an older one ends without effect")]
    messages: Annotated[
        list[dict[str, Any]],
        Field(description="Chat messages such as {'role': 'user', 'content': 'Hola'}; needs `supplier`"),
    ]
    supplier: Annotated[
        str,
        Field(description="Who speaks: a supplier's id as /conversations shows it, or a name of your own for a new contact"),
    ]


class TurnOutput(TypedDict, total=False):
    """What the run came to."""

    status: Annotated[str, Field(description="done, stale (another attempt has the turn) or superseded (it starts over)")]
    turn: Annotated[dict[str, Any], Field(description="Ids of turn, conversation and supplier")]
    messages: Annotated[list[dict[str, Any]], Field(description="The last messages of the conversation, at most ten")]
    understanding: Annotated[dict[str, Any] | None, Field(description="What the burst was read as")]
    plan: Annotated[dict[str, Any] | None, Field(description="The steps and what policy said of each")]
    order: Annotated[dict[str, Any] | None, Field(description="The supplier's open order as Odoo shows it")]
    reply: Annotated[list[str], Field(description="What the supplier was answered; outside auto mode, the draft of it")]


class ConversationState(TypedDict, total=False):
    """Every channel. See the module's docstring for why there are two kinds."""

    turn_id: Annotated[int | None, EphemeralValue]
    attempt: Annotated[int | None, EphemeralValue]
    supplier: Annotated[str | None, EphemeralValue]
    messages: list[dict[str, Any]]
    turn: dict[str, Any]
    burst: list[str]
    files: int
    order: dict[str, Any] | None
    opened_by_agent: bool
    understanding: dict[str, Any] | None
    plan: dict[str, Any] | None
    outcomes: list[dict[str, Any]]
    reply: list[str]
    status: str


#: `status` while the run goes on; anything else ends it.
RUNNING = "running"
