"""The page where you play the supplier: his phone in the middle, the agent's turn and the order beside it.

`make_page` gives the routes. The page shows what the bridge says over HTTP and what the stand-in for Chatwoot holds; it
invents nothing, and it must stand a bridge or an Odoo that does not answer.
"""

from sandbox.page.routes import PageConfig, make_page
from sandbox.page.state import OdooPlay

__all__ = ["OdooPlay", "PageConfig", "make_page"]
