"""A text comes out of Chatwoot's Liquid as it went in.

Chatwoot is stood in for by what it does to an outgoing message: `liquidable.rb` restated, and of Liquid the tokenizer, `raw`
and string literals. Anything else that Liquid would evaluate becomes EVALUATED, so that nothing can hide.
"""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webhook_bridge.chatwoot.escape_liquid import escape_liquid


def as_chatwoot_renders(content: str) -> str:
    template = re.sub(r"`(.*?)`", lambda code: "{% raw %}`" + code[1] + "`{% endraw %}", content, flags=re.DOTALL)
    shown, raw = "", False
    for token in re.split(r"(\{%.*?%\}|\{\{.*?\}\}?|\{%|\{\{)", template, flags=re.DOTALL):
        ends_raw = re.fullmatch(r"(.*)\{%-?\s*(\w+)\s*(.*)?-?%\}", token, flags=re.DOTALL)
        if raw and ends_raw and ends_raw[2] == "endraw":
            shown, raw = shown + ends_raw[1], False
        elif raw or not token.startswith(("{{", "{%")):
            shown += token
        elif re.fullmatch(r"\{%\s*raw\s*%\}", token):
            raw = True
        else:
            literal = re.fullmatch(r'\{\{\s*"([^"]*)"\s*\}\}', token)
            shown += literal[1] if literal else "EVALUATED"
    return shown


def test_the_stand_in_does_evaluate() -> None:
    assert as_chatwoot_renders("hey {{contact.name}}, `{{x}}`, {% if a %}") == "hey EVALUATED, `{{x}}`, EVALUATED"
    assert as_chatwoot_renders("`{% endraw %}{{contact.email}}`") == "`EVALUATED`EVALUATED"


_PIECES = st.sampled_from(
    [
        "{",
        "}",
        "%",
        "`",
        "```",
        "{{",
        "}}",
        "{%",
        "%}",
        "{{contact.email}}",
        "{% endraw %}",
        "{%- endraw -%}",
        "{% raw %}",
        '"',
        "\n",
        "a",
    ]
)


@given(st.lists(_PIECES, max_size=14).map("".join) | st.text())
@example("{{contact.email}}")
@example("`{% endraw %}{{contact.email}}`")
@example("{`{{x}}`")
@example("``` {{a}} ``` `{{b}} {{c}}")
@example('{{ "{" }}')
def test_the_reader_sees_exactly_the_text(text: str) -> None:
    assert as_chatwoot_renders(escape_liquid(text)) == text


@pytest.mark.parametrize("plain", ["", "20 sacos a $3.500, 10% desc.", "{20}", "a } b %} }}", "`code`", "{ {"])
def test_ordinary_text_is_not_touched(plain: str) -> None:
    assert escape_liquid(plain) == plain
