"""The stand-in signs as Chatwoot does: checked on the signature vectors, not on itself. Nothing is faked."""

import json

import pytest

from sandbox.chatwoot.rails_json import rails_json, sign
from tests.contract.material import OURS


@pytest.mark.parametrize("vector", ["signature_vector", "signature_vector_escaped"])
def test_signature_and_bytes_are_those_of_the_vector(vector: str) -> None:
    known = json.loads((OURS / f"{vector}.json").read_text(encoding="utf-8"))
    body = (OURS / f"{vector}.body").read_bytes()
    assert sign(known["secret"], known["headers"]["X-Chatwoot-Timestamp"], body) == known["headers"]["X-Chatwoot-Signature"]
    # The same payload, written anew, gives the same bytes: the escapes are Rails'.
    assert rails_json(json.loads(body)) == body


def test_what_rails_escapes_stays_readable_json() -> None:
    body = rails_json({"content": "<b>á & ñ</b>\u2028\u2029"})
    assert body == '{"content":"\\u003cb\\u003eá \\u0026 ñ\\u003c/b\\u003e\\u2028\\u2029"}'.encode()
    assert json.loads(body) == {"content": "<b>á & ñ</b>\u2028\u2029"}
