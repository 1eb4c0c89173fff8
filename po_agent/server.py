"""What `langgraph.json` names: the graph, the HTTP app with bridge and sandbox, the checkpointer.

Importing this reads settings (the app's routes depend on them) but opens nothing: connections are made when the server
enters the app's lifespan, or runs a node.
"""

from graphs.purchase_order.graph import build_purchase_order
from po_agent.app import make_app
from po_agent.composition import checkpointer, process_settings, services

__all__ = ["app", "checkpointer", "purchase_order"]

purchase_order = build_purchase_order(services)
app = make_app(process_settings())
