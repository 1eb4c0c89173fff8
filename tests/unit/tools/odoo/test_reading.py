"""One shape of what was read, whether this Odoo reads nested or not. Faked: Odoo, by tables of records."""

from typing import Any

import pytest
from typing_extensions import override

from tools.odoo.mapping import Record
from tools.odoo.reading import Related, only_known, plain, search_nested
from tools.odoo.transport import OdooConnection, OdooTransport

PARTNERS = {7: {"id": 7, "name": "Molino", "parent_id": False}, 8: {"id": 8, "name": "Rosa", "parent_id": (7, "Molino")}}
TAGS = {1: {"id": 1, "name": "uno"}, 2: {"id": 2, "name": "dos"}}
LINES = {
    11: {"id": 11, "product": "x", "tag_ids": [1, 2]},
    12: {"id": 12, "product": "y", "tag_ids": []},
}
ORDERS = {
    1: {"id": 1, "name": "P1", "partner_id": (8, "Rosa"), "line_ids": [11, 12], "user_id": False},
    2: {"id": 2, "name": "P2", "partner_id": (7, "Molino"), "line_ids": [], "user_id": False},
}
TABLES: dict[str, dict[int, dict[str, Any]]] = {"order": ORDERS, "line": LINES, "partner": PARTNERS, "tag": TAGS}

ASK = {
    **plain("name"),
    "partner_id": Related("partner", plain("name", "parent_id")),
    "user_id": Related("user", plain("name")),
    "line_ids": Related("line", {**plain("product"), "tag_ids": Related("tag", plain("name"))}),
}
READ = [
    {
        "id": 1,
        "name": "P1",
        "partner_id": {"id": 8, "name": "Rosa", "parent_id": 7},
        "user_id": False,
        "line_ids": [
            {"id": 11, "product": "x", "tag_ids": [{"id": 1, "name": "uno"}, {"id": 2, "name": "dos"}]},
            {"id": 12, "product": "y", "tag_ids": []},
        ],
    },
    {"id": 2, "name": "P2", "partner_id": {"id": 7, "name": "Molino", "parent_id": False}, "user_id": False, "line_ids": []},
]


class Tables(OdooTransport):
    """An Odoo of tables, which reads nested or plainly."""

    def __init__(self, *, nested: bool) -> None:
        super().__init__(OdooConnection("http://nowhere.invalid", "db", "user", "secret"))
        self.nested = nested
        self.calls: list[tuple[str, str]] = []

    @override
    def fields(self, model: str) -> dict[str, Any]:
        return {"product_uom_id" if self.nested else "product_uom": {}, "name": {}}

    @override
    def call(self, model: str, method: str, *args: Any, context: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        self.calls.append((model, method))
        if method == "web_search_read":
            assert kwargs["specification"]["line_ids"]["fields"]["tag_ids"] == {"fields": {"name": {}}}
            return {"length": 2, "records": READ}
        names = kwargs["fields"] if method == "search_read" else args[1]
        wanted = TABLES[model] if method == "search_read" else args[0]
        return [{"id": id_, **{name: TABLES[model][id_][name] for name in names}} for id_ in wanted]


def read(odoo: OdooTransport) -> list[Record]:
    return search_nested(odoo, "order", [], ASK)


def test_one_call_where_odoo_reads_nested() -> None:
    odoo = Tables(nested=True)
    assert read(odoo) == READ
    assert odoo.calls == [("order", "web_search_read")]


def test_the_same_from_an_older_odoo_with_a_call_for_each_model() -> None:
    odoo = Tables(nested=False)
    assert read(odoo) == READ
    assert sorted(odoo.calls) == [("line", "read"), ("order", "search_read"), ("partner", "read"), ("tag", "read")]


@pytest.mark.parametrize("nested", [False, True])
def test_what_this_odoo_does_not_have_is_not_asked_for(nested: bool) -> None:
    assert list(only_known(Tables(nested=nested), "order", plain("name", "access_token"))) == ["name"]
