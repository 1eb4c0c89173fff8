"""Liquid, as far as Chatwoot's outgoing messages meet it: `{{contact.email}}` in a text is filled in before sending.

Chatwoot renders outside back-ticks only and leaves the text alone if it does not parse (`concerns/liquidable.rb`).
Here: variables with a few filters, string literals, `raw` and `comment`; any other tag renders to nothing. A sandbox
that did less would let a bridge forget to escape what a model or a supplier wrote.
"""

import re
from collections.abc import Callable, Mapping

_CODE = re.compile(r"`.*?`", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)
_LITERAL = re.compile(r"""^(?:"([^"]*)"|'([^']*)')$""")
_TOKEN = re.compile(r"""\{\{((?:"[^"]*"|'[^']*'|[^"'])*?)\}\}|\{%.*?%\}""", re.DOTALL)
_FILTERS: dict[str, Callable[[str], str]] = {
    "upcase": str.upper,
    "downcase": str.lower,
    "capitalize": str.capitalize,
    "strip": str.strip,
}
_KEPT = re.compile("\ue000(\\d+)\ue001")


def render_liquid(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its Liquid evaluated. `variables` maps dotted names (`contact.name`) to their values."""
    kept: list[str] = []

    def keep(verbatim: str) -> str:
        kept.append(verbatim)
        return f"\ue000{len(kept) - 1}\ue001"

    template = _RAW.sub(lambda match: keep(match[1]), text)
    template = _CODE.sub(lambda match: keep(match[0]), template)
    template = _COMMENT.sub("", template)
    rest = _TOKEN.sub("", template)
    if "{{" in rest or "{%" in rest:  # It does not parse: Chatwoot keeps the text as it was written.
        return text
    rendered = _TOKEN.sub(lambda match: "" if match[1] is None else keep(_value(match[1], variables)), template)
    while _KEPT.search(rendered):
        rendered = _KEPT.sub(lambda match: kept[int(match[1])], rendered)
    return rendered


def _value(expression: str, variables: Mapping[str, str]) -> str:
    subject, *filters = (part.strip() for part in expression.split("|"))
    literal = _LITERAL.match(subject)
    value = (literal[1] or literal[2] or "") if literal else variables.get(subject, "")
    for name in filters:
        word, _, argument = name.partition(":")
        if word == "default" and not value:
            value = argument.strip().strip("\"'")
        elif word in _FILTERS:
            value = _FILTERS[word](value)
    return value
