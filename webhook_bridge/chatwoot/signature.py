"""Only Chatwoot may speak to the webhook: an HMAC over the raw body, within a replay window.

Chatwoot signs `"{timestamp}.{raw body}"` with SHA-256 and sends `X-Chatwoot-Timestamp` (unix seconds, fresh for each
attempt) and `X-Chatwoot-Signature: sha256=<hex>` (`lib/webhooks/trigger.rb`). The bytes are checked as they came: Rails
escapes JSON as no other library does, so parsing and writing it again would break the signature. Each webhook, inbox
and agent bot has a secret of its own, and a secret that is being replaced has a successor: hence several secrets.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.errors import NotAllowed

SIGNATURE_HEADER = "x-chatwoot-signature"
TIMESTAMP_HEADER = "x-chatwoot-timestamp"

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


class BadSignature(NotAllowed):
    """The webhook was not signed as Chatwoot signs: check the secret in CHATWOOT_WEBHOOK_SECRETS and both clocks."""

    code = "bad_signature"


class SignatureMissing(BadSignature):
    """The webhook carries no signature: macros and automations never sign, nor do old servers (before 4.11.2; bots 4.13)."""

    code = "signature_missing"


class SignatureStale(BadSignature):
    """The webhook was signed too long ago, or in the future: a replay, or a clock that is wrong."""

    code = "signature_stale"


class SignatureMismatch(BadSignature):
    """The webhook was signed with none of our secrets, or changed on the way: check CHATWOOT_WEBHOOK_SECRETS."""

    code = "signature_mismatch"


class SignatureVerifier:
    """Says of a webhook whether Chatwoot sent it, and lately."""

    def __init__(self, secrets: Sequence[str], *, tolerance_seconds: int = 300, allow_unsigned: bool = False) -> None:
        """`allow_unsigned` lets through what has no signature at all; a signature that is there must always be right.

        A blank secret is refused with `ValueError`: anyone can sign with it. Without secrets no signature is right.
        """
        if any(not secret.strip() for secret in secrets):
            raise ValueError("A webhook secret is blank: anyone could sign with it.")
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._tolerance_seconds = tolerance_seconds
        self._allow_unsigned = allow_unsigned

    def verify(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> None:
        """Raise `SignatureMissing`, `SignatureStale` or `SignatureMismatch` (all `BadSignature`), or return.

        `now` is timezone-aware. Headers are found in any case; no value of theirs makes this fail in another way.
        """
        found = {name.lower(): value for name, value in headers.items()}
        timestamp, signature = found.get(TIMESTAMP_HEADER, ""), found.get(SIGNATURE_HEADER, "")
        if not signature and self._allow_unsigned:
            return
        if not timestamp or not signature:
            raise SignatureMissing
        if not _TIMESTAMP.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > self._tolerance_seconds:
            raise SignatureStale
        shape = _SIGNATURE.fullmatch(signature)
        if shape is None or not self._is_right(timestamp.encode(), raw_body, shape[1].lower().encode()):
            raise SignatureMismatch

    def _is_right(self, timestamp: bytes, raw_body: bytes, given: bytes) -> bool:
        # Every secret is tried, so the time taken does not tell which one came close.
        signed = timestamp + b"." + raw_body
        outcomes = [
            hmac.compare_digest(hmac.new(secret, signed, hashlib.sha256).hexdigest().encode(), given)
            for secret in self._secrets
        ]
        return any(outcomes)
