"""`python -m tests.crash.graphs_server PORT FOLDER`: the LangGraph server with the graphs alone, as in production.

It is the development server, in whose place production has the server's image: graphs, auth and our checkpointer, and no
bridge mounted. What it remembers of threads and runs is in FOLDER, and in memory.
"""

import os
import sys
from pathlib import Path
from typing import Any

from langgraph_api.cli import run_server
from langgraph_cli.config import validate_config_file

PROJECT = Path(__file__).parents[2]


def main(port: int, folder: Path) -> None:
    config = _absolute(validate_config_file(PROJECT / "langgraph.json"))
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    sys.path.append(str(PROJECT))
    run_server(
        "127.0.0.1",
        port,
        False,
        config["graphs"],
        n_jobs_per_worker=10,
        env=config["env"],
        auth=config["auth"],
        http={name: value for name, value in config["http"].items() if name != "app"},
        checkpointer=config["checkpointer"],
        disable_persistence=True,
        server_level="WARNING",
    )


def _absolute(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: _absolute(value) for key, value in config.items()}
    if isinstance(config, str) and config.startswith("./"):
        return str(PROJECT / config)
    return config


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
