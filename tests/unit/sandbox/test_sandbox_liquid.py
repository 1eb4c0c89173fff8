"""Liquid as outgoing messages meet it: what is filled in, and what an escape keeps."""

import pytest

from sandbox.chatwoot.liquid import render_liquid

VARIABLES = {"contact.name": "Ana", "contact.email": ""}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hola {{contact.name}}", "Hola Ana"),
        ("Hola {{ contact.name | upcase }}", "Hola ANA"),
        ("{{ contact.email | default: 'sin correo' }}", "sin correo"),
        ("{{ nobody.knows }}.", "."),
        ("Use `{{contact.name}}` así", "Use `{{contact.name}}` así"),
        ("{% raw %}{{contact.name}}{% endraw %}", "{{contact.name}}"),
        ("{{ '{{' }}contact.name}}", "{{contact.name}}"),
        ('{{ "{%" }} x %}', "{% x %}"),
        ("a{% comment %}secreto{% endcomment %}b", "ab"),
        ("a{% assign x = 1 %}b", "ab"),
        ("Llaves sueltas {{ sin cierre", "Llaves sueltas {{ sin cierre"),
        ("Precio 20 % y {llaves}", "Precio 20 % y {llaves}"),
    ],
)
def test_rendering(text: str, rendered: str) -> None:
    assert render_liquid(text, VARIABLES) == rendered


def test_a_value_is_not_rendered_again() -> None:
    assert (
        render_liquid("{{contact.name}}", {"contact.name": "{{contact.email}}", "contact.email": "leak"}) == "{{contact.email}}"
    )
