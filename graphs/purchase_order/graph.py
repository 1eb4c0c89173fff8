"""The wiring of the graph: five nodes and where each may lead.

    message_reader → intent_classifier → order_handler ⟲ → response_generator → message_dispatcher

`provide` is called on every step, not here: the graph is built when the server imports it, long before there is an event
loop, a database or a setting to be read.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs.purchase_order.node import bound
from graphs.purchase_order.nodes.intent_classifier import intent_classifier
from graphs.purchase_order.nodes.message_dispatcher import message_dispatcher
from graphs.purchase_order.nodes.message_reader import message_reader
from graphs.purchase_order.nodes.order_handler import order_handler
from graphs.purchase_order.nodes.response_generator import response_generator
from graphs.purchase_order.services import GRAPH, Services
from graphs.purchase_order.state import RUNNING, ConversationState, TurnInput, TurnOutput


def build_purchase_order(provide: Callable[[], Awaitable[Services]]) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Compile the graph. `provide` answers the services of the event loop it is called in."""
    graph = StateGraph(ConversationState, input_schema=TurnInput, output_schema=TurnOutput)
    for node in (message_reader, intent_classifier, order_handler, response_generator, message_dispatcher):
        graph.add_node(node.__name__, bound(node, provide))
    graph.add_edge(START, "message_reader")
    graph.add_conditional_edges("message_reader", while_running("intent_classifier"), ["intent_classifier", END])
    graph.add_conditional_edges("intent_classifier", next_step, ["order_handler", "response_generator", END])
    graph.add_conditional_edges("order_handler", next_step, ["order_handler", "response_generator", END])
    graph.add_conditional_edges("response_generator", while_running("message_dispatcher"), ["message_dispatcher", END])
    graph.add_edge("message_dispatcher", END)
    return graph.compile(name=GRAPH)


def while_running(onward: str) -> Callable[[ConversationState], str]:
    """Go `onward`, unless the attempt has ended (stale, superseded, nothing to answer)."""

    def route(state: ConversationState) -> str:
        return onward if state["status"] == RUNNING else END

    return route


def next_step(state: ConversationState) -> str:
    """Handle the plan's next step; when none is left, reply."""
    if state["status"] != RUNNING:
        return END
    steps_left = len((state["plan"] or {}).get("steps", [])) - len(state["outcomes"])
    return "order_handler" if steps_left > 0 else "response_generator"
