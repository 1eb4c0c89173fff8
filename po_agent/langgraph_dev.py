"""`python -m po_agent.langgraph_dev PORT FOLDER`: the development server as `langgraph dev` starts it, its memory in FOLDER.

`langgraph dev` keeps what it remembers of threads and runs in the working folder, and believes it at the next start: also
what another product remembers that was started from the same folder, whose runs it would run again. Here each product's
server works in a folder below its own DATA_DIR. Checkpoints are in our database, so nothing else is kept in files.
"""

import os
import sys
from pathlib import Path
from typing import Any

from langgraph_api.cli import run_server
from langgraph_cli.config import validate_config_file

PROJECT = Path(__file__).parent.parent


def main(port: int, folder: Path, *, with_bridge: bool = True) -> None:
    """Serve the project's `langgraph.json` on loopback until SIGTERM; without the bridge, the graphs alone."""
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
        http={name: value for name, value in config["http"].items() if with_bridge or name != "app"},
        checkpointer=config["checkpointer"],
        disable_persistence=True,
        server_level="WARNING",
    )


def _absolute(config: Any) -> Any:
    """The configuration with the paths that are relative to the project made absolute."""
    if isinstance(config, dict):
        return {key: _absolute(value) for key, value in config.items()}
    if isinstance(config, str) and config.startswith("./"):
        return str(PROJECT / config)
    return config


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
