"""`docs/policy.md` and the code say the same: every rule, its verdict and its place, and every limit as a setting."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from domain.policy import RULEBOOKS, PolicyLimits
from domain.policy.rulebook import Case, Rulebook
from po_agent.settings import Settings

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "policy.md").read_text()
#: The tables of the page, by the file that their heading names.
TABLES = {
    file: re.findall(r"^\| `(\w+)` \| .* \| (\w+) \|$", text, flags=re.MULTILINE)
    for file, text in re.findall(r"^## [^\n]*`([\w./]+\.py)`\)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
}


@pytest.mark.parametrize(("kind", "rules"), RULEBOOKS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_the_table_of_each_judge_is_its_rules_in_order(kind: type[Case], rules: Rulebook[Any]) -> None:
    module = {
        path.name for path in (ROOT / "domain" / "policy").glob("*.py") if f"Rulebook[{kind.__name__}]" in path.read_text()
    }
    (file,) = module
    assert TABLES[file] == [(name, str(verdict)) for name, verdict in rules.table]


def test_every_table_of_the_page_has_its_judge() -> None:
    judged = {path.name for path in (ROOT / "domain" / "policy").glob("*.py") if re.search(r": Rulebook\[", path.read_text())}
    assert len(judged) == len(RULEBOOKS)
    assert {file for file in TABLES if "/" not in file} == judged


@pytest.mark.parametrize("rules", RULEBOOKS.values())
def test_every_rule_says_what_it_is_about_and_has_one_name(rules: Rulebook[Any]) -> None:
    names = [name for name, _ in rules.table]
    assert len(set(names)) == len(names)
    assert all(inspect.getdoc(rule.speaks) for rule in rules.rules)


def test_every_limit_is_a_setting_with_the_same_default() -> None:
    settings = Settings(_env_file=None)
    for name, limit in PolicyLimits.model_fields.items():
        assert f"policy_{name}" in Settings.model_fields, name
        if name != "first_order_to_person":
            assert getattr(settings.policy, name) == limit.default, name


@pytest.mark.parametrize(("odoo", "to_a_person"), [("sandbox", False), ("jsonrpc", True)])
def test_first_orders_go_to_a_person_unless_it_is_play(odoo: str, to_a_person: bool) -> None:
    assert Settings(_env_file=None, odoo_protocol=odoo).policy.first_order_to_person is to_a_person
    assert Settings(_env_file=None, odoo_protocol=odoo, policy_first_order_to_person=True).policy.first_order_to_person


@pytest.mark.parametrize("named", sorted(set(re.findall(r"POLICY_[A-Z_]+", PAGE))))
def test_the_settings_that_the_page_names_exist(named: str) -> None:
    assert named.lower() in Settings.model_fields
