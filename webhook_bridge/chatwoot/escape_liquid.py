"""Text as we want it read, written so that Chatwoot's Liquid leaves it as it is.

Chatwoot renders every outgoing message as a Liquid template (`models/concerns/liquidable.rb`): `{{contact.email}}` in a
text would be filled in, and a stray `{%` might make it fail. Before that it puts whatever stands between two back-ticks
into `{% raw %}`, where Liquid is off until an `{% endraw %}`, also one that the text itself brings along.
"""

import re

_BRACE = '{{ "{" }}'
"""Liquid for one opening brace: a string literal, printed."""

_BRACE_IN_RAW = "{% endraw %}" + _BRACE + "{% raw %}"

# A brace opens something only before another brace or a percent sign. Before a back-tick it would run into the
# `{% raw %}` that Chatwoot is about to put there.
_OPENING = re.compile(r"\{(?=[{%`])")


def escape_liquid(text: str) -> str:
    """`text` such that rendering gives exactly `text` again. What holds no `{{`, `{%` or "{`" comes back unchanged."""
    # Back-ticks pair off from the left, so odd pieces are code; the last piece is not, for want of a partner.
    pieces = text.split("`")
    escaped = []
    for position, piece in enumerate(pieces):
        is_code = position % 2 == 1 and position < len(pieces) - 1
        followed = piece + "`" if position < len(pieces) - 1 else piece
        escaped.append(_OPENING.sub(lambda _: _BRACE_IN_RAW if is_code else _BRACE, followed))  # noqa: B023
    return "".join(escaped)
