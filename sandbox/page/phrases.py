"""Example messages in the supplier's language, offered as chips under the phone. Only examples: anything may be written."""

from collections.abc import Mapping, Sequence

_PHRASES: dict[str, tuple[str, ...]] = {
    "es": (
        "Hola, buenos días",
        "Tenemos 20 {product} disponibles, ¿les interesan?",
        "Confirmo el pedido",
        "¿En qué estado está mi pedido?",
        "Despachamos el viernes",
        "Quiero hablar con una persona",
    ),
    "en": (
        "Hello, good morning",
        "We have 20 {product} in stock, are you interested?",
        "I confirm the order",
        "What is the status of my order?",
        "We ship on Friday",
        "I would like to talk to a person",
    ),
    "pt": (
        "Olá, bom dia",
        "Temos 20 {product} disponíveis, têm interesse?",
        "Confirmo o pedido",
        "Qual é a situação do meu pedido?",
        "Enviamos na sexta-feira",
        "Quero falar com uma pessoa",
    ),
}
_ANYTHING = {"es": "unidades", "en": "units", "pt": "unidades"}


def phrases(supplier: Mapping[str, object]) -> list[str]:
    """The chips for one supplier; his own (`phrases`) go first if the composition gave some."""
    language = str(supplier.get("lang") or "es")[:2].lower()
    language = language if language in _PHRASES else "es"
    product = first_product(supplier) or _ANYTHING[language]
    own = supplier.get("phrases")
    given = [str(phrase) for phrase in own] if isinstance(own, Sequence) and not isinstance(own, str) else []
    return given or [phrase.format(product=product) for phrase in _PHRASES[language]]


def products_hint(supplier: Mapping[str, object]) -> str:
    """What the supplier sells, in a few words, or nothing."""
    products = supplier.get("products") or supplier.get("products_hint") or ""
    if isinstance(products, Sequence) and not isinstance(products, str):
        return ", ".join(str(product) for product in products[:3])
    return str(products)


def first_product(supplier: Mapping[str, object]) -> str:
    """The first product of the hint."""
    return products_hint(supplier).split(",")[0].strip()
