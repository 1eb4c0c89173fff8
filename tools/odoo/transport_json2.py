"""JSON-2 by httpx, for Odoo 19 and later: one POST a call, named arguments, an API key.

The key alone says who we are, so the wire asks whose it is before it is used: one of another user would let the agent act
with that user's rights, which JSON-RPC refuses by itself.

The key must never reach a log: it lives in the client's headers, which httpx hides when they are printed, and what httpx raises
is translated and raised anew without a cause, because a request that failed hangs on its errors.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from typing_extensions import override

from tools.odoo.errors import translate_answer, translate_httpx
from tools.odoo.json2_arguments import by_name
from tools.odoo.port import OdooForbidden, OdooUnavailable
from tools.odoo.transport_connection import OdooConnection
from tools.odoo.transport_wire import Named, Wire

#: The first release that speaks JSON-2.
_SINCE = 19


class Json2Wire(Wire):
    """`Wire` by JSON-2. Building it touches no network."""

    def __init__(self, connection: OdooConnection) -> None:
        self._connection = connection
        self._context: dict[str, Any] = {}
        self._greeting = threading.Lock()
        self._http = httpx.Client(
            base_url=f"{'https' if connection.is_encrypted else 'http'}://{connection.host}:{connection.port}",
            headers={
                "Authorization": f"Bearer {connection.password}" if is_like_a_key(connection.password) else "",
                "X-Odoo-Database": connection.db,
                "User-Agent": "purchase-order-agent",
            },
            limits=httpx.Limits(max_connections=connection.max_workers + 1),
        )

    @override
    def execute(self, model: str, method: str, args: Sequence[Any], named: Named, context: Named, *, timeout: float) -> Any:
        body = {**by_name(method, args, named), "context": {**self.user_context(timeout=timeout), **context}}
        answer = self._post(model, method, body, timeout)
        # `create` answers a list always; of one record alone its callers expect the id, as over JSON-RPC.
        return answer[0] if method == "create" and isinstance(body["vals_list"], Mapping) else answer

    @override
    def user_context(self, *, timeout: float) -> dict[str, Any]:
        with self._greeting:
            if not self._context:
                context = self._post("res.users", "context_get", {}, timeout)
                [me] = self._post("res.users", "read", {"ids": [context["uid"]], "fields": ["login"]}, timeout)
                if me["login"] != self._connection.username:
                    raise OdooForbidden(f"The API key is {me['login']}'s, and ODOO_USERNAME is {self._connection.username}.")
                self._context = context
            return self._context

    @override
    def version(self, *, timeout: float) -> str:
        return str(self._send("GET", "/web/version", None, timeout)["version"])

    @override
    def close(self) -> None:
        self._http.close()

    def is_offered(self, *, timeout: float) -> bool:
        """Whether this Odoo speaks JSON-2, going by the release that it tells everyone. Raises `OdooUnavailable`."""
        response = self._request("GET", "/web/version", None, timeout)
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise translate_answer(response.status_code, response.text)
        try:
            return int(response.json()["version_info"][0]) >= _SINCE
        except (ValueError, KeyError, TypeError, IndexError):
            return False  # an older Odoo: it has no such page

    def _post(self, model: str, method: str, body: dict[str, Any], timeout: float) -> Any:
        if not is_like_a_key(self._connection.password):
            raise OdooForbidden("JSON-2 takes an API key as ODOO_PASSWORD, and this is none.")
        return self._send("POST", f"/json/2/{model}/{method}", body, timeout)

    def _send(self, verb: str, path: str, body: dict[str, Any] | None, timeout: float) -> Any:
        response = self._request(verb, path, body, timeout)
        if response.status_code != httpx.codes.OK:
            raise translate_answer(response.status_code, response.text)
        try:
            return response.json()
        except ValueError:
            failure = OdooUnavailable("The answer was no JSON: is this address Odoo's?")
        raise failure

    def _request(self, verb: str, path: str, body: dict[str, Any] | None, timeout: float) -> httpx.Response:
        try:
            return self._http.request(verb, path, json=body, timeout=timeout)
        except httpx.HTTPError as error:
            failure = translate_httpx(error)
        raise failure  # Outside the handler: no chain to the request and its headers.


def is_like_a_key(password: str) -> bool:
    """Whether this may be one of Odoo's API keys (hexadecimal). Nothing else is ever sent as one."""
    return password.isascii() and password.isalnum()
