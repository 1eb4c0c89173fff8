"""`python -m po_agent` is `po-agent`."""

from po_agent.cli import main

main()
