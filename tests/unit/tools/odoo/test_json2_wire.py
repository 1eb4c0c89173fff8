"""What goes over the wire in JSON-2, and that every call of the adapters can. Faked: Odoo (see `stub_odoo.py`)."""

import ast
from pathlib import Path
from typing import Any

import pytest

import tools.odoo
from tests.unit.tools.odoo.stub_odoo import API_KEY, StubOdoo
from tools.odoo.json2_arguments import by_name
from tools.odoo.transport import OdooTransport

CONTEXT = {"lang": "es_CL", "tz": "America/Santiago", "uid": 2}


@pytest.mark.parametrize(
    ("method", "args", "named", "body"),
    [
        ("read", ([7], ["name"]), {}, {"ids": [7], "fields": ["name"]}),
        ("read", (7, ["name"]), {}, {"ids": [7], "fields": ["name"]}),
        ("write", ([7], {"x": 1}), {}, {"ids": [7], "vals": {"x": 1}}),
        ("search_read", ([["id", "=", 7]],), {"limit": 1}, {"domain": [["id", "=", 7]], "limit": 1}),
        ("load", (["id"], [["a.b"]]), {}, {"fields": ["id"], "data": [["a.b"]]}),
        ("button_confirm", ([7],), {}, {"ids": [7]}),
        ("message_post", ([7],), {"body": "x"}, {"ids": [7], "body": "x"}),
        ("fields_get", (), {"attributes": ["type"]}, {"attributes": ["type"]}),
    ],
)
def test_a_call(stub: StubOdoo, method: str, args: tuple[Any, ...], named: dict[str, Any], body: dict[str, Any]) -> None:
    odoo = OdooTransport(stub.connection(protocol="json2"))
    odoo.call("purchase.order", method, *args, **named, context={"active_test": False})
    assert stub.calls == [
        {
            "path": f"/json/2/purchase.order/{method}",
            "body": {**body, "context": {**CONTEXT, "active_test": False}},
            "database": "d",
        }
    ]
    assert set(stub.bearers) == {API_KEY}


def test_one_record_made_is_one_id(stub: StubOdoo) -> None:
    odoo = OdooTransport(stub.connection(protocol="json2"))
    stub.answer = {"result": [29]}
    assert odoo.call("purchase.order", "create", {"partner_id": 1}) == 29
    assert odoo.call("purchase.order", "create", [{"partner_id": 1}]) == [29]


def test_none_is_an_answer(stub: StubOdoo) -> None:
    stub.answer = {"result": None}
    assert OdooTransport(stub.connection(protocol="json2")).call("purchase.order", "button_cancel", [1]) is None


def test_a_position_without_a_name_is_told_before_anything_is_sent(stub: StubOdoo) -> None:
    with pytest.raises(LookupError, match="copy"):
        OdooTransport(stub.connection(protocol="json2")).call("purchase.order", "copy", [1], {"origin": "x"})
    assert stub.calls == []


def test_every_call_in_the_adapters_has_names() -> None:
    calls = [
        (file.name, node)
        for file in Path(tools.odoo.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call"
    ]
    checked = 0
    for file, node in calls:
        method = node.args[1] if len(node.args) > 1 else None
        if isinstance(method, ast.Constant):
            positions = [ast.unparse(argument) for argument in node.args[2:]]
            assert len(by_name(str(method.value), positions, {})) == len(positions), (file, node.lineno)
            checked += 1
    assert checked > 20
