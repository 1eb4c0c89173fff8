"""The exact bytes that Chatwoot signs: JSON as Rails writes it, and the HMAC over `"{timestamp}.{body}"`.

Rails escapes `<`, `>`, `&`, U+2028 and U+2029, so a bridge that parses and serialises again before verifying must fail
here as it would in life (`lib/webhooks/trigger.rb`, v4.16.2).
"""

import hashlib
import hmac
import json
from typing import Any

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def rails_json(payload: Any) -> bytes:
    """`payload` as compact UTF-8 JSON with Rails' escapes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Chatwoot-Signature`. `timestamp` is Unix seconds as text, as in `X-Chatwoot-Timestamp`."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
