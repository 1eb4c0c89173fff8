"""The graphs, as `langgraph.json` and `langgraph.production.json` name them. Importing this opens nothing and reads nothing."""

from graphs.purchase_order.graph import build_purchase_order
from po_agent.composition import services

__all__ = ["purchase_order"]

purchase_order = build_purchase_order(services)
