"""What `langgraph.json` names beside the graphs: the HTTP app with bridge and sandbox, and the checkpointer.

Importing this reads settings (the app's routes depend on them) but opens nothing: connections are made when the server
enters the app's lifespan.
"""

from po_agent.app import make_app
from po_agent.composition import checkpointer, process_settings

__all__ = ["app", "checkpointer"]

app = make_app(process_settings())
