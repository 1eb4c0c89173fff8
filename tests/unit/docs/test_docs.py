"""What a newcomer reads is true: every route, rule, tool, command and link that exists is written, and the other way round."""

import re
from pathlib import Path

import pytest

from po_agent.cli import app
from po_agent.partners import ProcessPartners
from tools.permissions import TOOLS
from webhook_bridge.app import bridge_routes
from webhook_bridge.bridge import Bridge, BridgeSettings

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_every_route_is_in_the_api_page() -> None:
    bridge = Bridge(
        BridgeSettings(
            langgraph_url="http://127.0.0.1:1",
            langgraph_api_key="key",
            chatwoot_url="http://127.0.0.1:1",
            chatwoot_api_token="token",
            api_token="token",
        ),
        partners=ProcessPartners(),
    )
    paths = {route.path for route in bridge_routes(bridge)}
    assert "/webhook/chatwoot" in paths
    written = set(re.findall(r"`(?:GET|POST) (/[^`?]*)`", page("api.md")))
    assert paths <= written
    assert written - paths == {"/sandbox"}


def test_every_rule_of_the_planner_is_in_the_policy_page() -> None:
    """Those of the judges are compared with their tables, both ways, in tests/unit/domain/policy/test_policy_page.py."""
    code = (ROOT / "graphs" / "purchase_order" / "planning.py").read_text()
    rules = set(re.findall(r"rule=\"(\w+)\"", code))
    assert {"own_order", "no_order", "courtesy", "unclear"} <= rules
    assert {rule for rule in rules if f"`{rule}`" not in page("policy.md")} == set()


def test_every_tool_is_in_the_graph_page_and_is_a_file_of_its_name() -> None:
    assert {name for name in TOOLS if f"`{name}`" not in page("graph.md")} == set()
    assert {name for name in TOOLS if not (ROOT / "tools" / f"{name}.py").is_file()} == set()


def test_every_command_is_in_the_api_page() -> None:
    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    commands |= {group.name or "" for group in app.registered_groups}
    assert {"up", "demo", "chat", "migrate", "check", "eval", "turns", "outbox"} <= commands
    assert {name for name in commands if not re.search(rf"`(?:po-agent )?{name}\b", page("api.md"))} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    missing = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert missing == []


def test_the_readme_names_targets_that_exist_and_fits_two_screens() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", readme)) - {"make"}
    assert {"run", "test"} <= named <= targets
    assert len(readme.splitlines()) <= 80


def test_files_that_the_pages_name_exist() -> None:
    folders = "domain|storage|tools|graphs|webhook_bridge|sandbox|po_agent|tests|docs|desk|requirements"
    missing = []
    for path in PAGES:
        for name in re.findall(rf"(?<![\w./])((?:{folders})/[\w./-]+\.\w+)", path.read_text()):
            if not (ROOT / name).exists():
                missing.append((path.name, name))
    assert missing == []
