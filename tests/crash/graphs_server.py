"""`python -m tests.crash.graphs_server PORT FOLDER`: the LangGraph server with the graphs alone, as in production.

It is the development server, in whose place production has the server's image: graphs, auth and our checkpointer, and no
bridge mounted. What it remembers of threads and runs is in FOLDER, and in memory.
"""

import sys
from pathlib import Path

from po_agent.langgraph_dev import main

if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), with_bridge=False)
