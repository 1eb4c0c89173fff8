"""Is a request one that Chatwoot's own OpenAPI description knows? For the client, and for the whole product.

The description is Chatwoot's and not part of this project: it is read from the shared folder, and a test that needs it skips
loudly where it is missing. Chatwoot's description is incomplete in places; what it leaves open passes (`echo_id`).
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft202012Validator

from tests.contract.material import SHARED

OPENAPI = SHARED / "openapi.json"


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description, or a loud skip of the calling test."""
    if not OPENAPI.exists():
        pytest.skip(f"NOT CHECKED against Chatwoot's OpenAPI description: there is no {OPENAPI}")
    described: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))
    return described


def assert_request_matches(method: str, path: str, json_body: Any = None) -> None:
    """Fail unless Chatwoot describes this request: path, query (`path` may carry one) and JSON body (None: no body)."""
    parts = urlsplit(path)
    template, item = _path_item(parts.path)
    operation = item.get(method.lower())
    assert operation is not None, f"{template} has no {method}"
    parameters = [_resolved(each) for each in [*item.get("parameters", []), *operation.get("parameters", [])]]
    _check_path(template, parts.path, parameters)
    _check_query(parse_qs(parts.query, keep_blank_values=True), parameters, where=f"{method} {template}")
    _check_body(operation.get("requestBody"), json_body, where=f"{method} {template}")


def _path_item(path: str) -> tuple[str, Mapping[str, Any]]:
    # A path written out goes before one with a variable in the same place: /contacts/search before /contacts/{id}.
    for template, item in sorted(description()["paths"].items(), key=lambda pair: pair[0].count("{")):
        if _pattern(template).fullmatch(path):
            return template, item
    raise AssertionError(f"Chatwoot describes no path {path}")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_piece(part) for part in re.split(r"(\{\w+\})", template.rstrip("/"))))


def _piece(part: str) -> str:
    return f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)


def _check_path(template: str, path: str, parameters: list[Mapping[str, Any]]) -> None:
    found = _pattern(template).fullmatch(path)
    assert found is not None
    for parameter in parameters:
        if parameter["in"] == "path":
            _check(parameter["schema"], _typed(found[parameter["name"]], parameter["schema"]), f"path {parameter['name']}")


def _check_query(query: Mapping[str, list[str]], parameters: list[Mapping[str, Any]], *, where: str) -> None:
    known = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
    for name, values in query.items():
        assert name in known, f"{where} has no query parameter {name!r}"
        for value in values:
            _check(known[name]["schema"], _typed(value, known[name]["schema"]), f"{where}?{name}")
    missing = [name for name, parameter in known.items() if parameter.get("required") and name not in query]
    assert not missing, f"{where} lacks the query parameters {missing}"


def _check_body(request_body: Mapping[str, Any] | None, json_body: Any, *, where: str) -> None:
    if request_body is None:
        assert json_body is None, f"{where} takes no body"
        return
    if json_body is None:
        assert not request_body.get("required"), f"{where} needs a body"
        return
    schema = _resolved(request_body)["content"]["application/json"]["schema"]
    _check(schema, json_body, where)


def _check(schema: Mapping[str, Any], value: Any, where: str) -> None:
    # The whole description goes along, so that "#/components/…" points somewhere.
    validator = Draft202012Validator({**schema, "components": description()["components"]})
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]
    assert not faults, f"{where}: {faults}"


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target: Any = description()
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A value from a URL in the type that its schema names, if it can be read so."""
    kind = _resolved(schema).get("type")
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return [text] if kind == "array" else text
