"""The bridge as a process of its own, for production: `uvicorn po_agent.bridge_app:app --host 127.0.0.1 --port 8010`.

Any number of them may share one database. It talks to the LangGraph server at LANGGRAPH_URL.
"""

from po_agent.app import make_app
from po_agent.composition import process_settings

__all__ = ["app"]

app = make_app(process_settings())
