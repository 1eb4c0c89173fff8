import pytest

from graphs.reading.offline.references import references
from graphs.reading.offline.text import fold


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("la P00101:", ["P00101"]),
        ("OC N° 58", ["P00058"]),
        ("orden de compra 71 aceptada", ["P00071"]),
        ("purchase order 57", ["P00057"]),
        ("PO P00097", ["P00097"]),
        ("PO45", ["P00045"]),
        ("Confirmo la 52", ["P00052"]),
        ("no le voy a poder cumplir con la 92", ["P00092"]),
        ("la orden la 61 la de los quesos", ["P00061"]),
        ("pedido P00086 e o P00087", ["P00086", "P00087"]),
    ],
)
def test_orders_are_named_in_many_ways(text: str, refs: list[str]) -> None:
    assert [reference.ref for reference in references(fold(text))] == refs


@pytest.mark.parametrize(
    "text",
    ["el pago de la 1180", "la factura 4521", "la OC de octubre", "la guía 8821", "la 2da quincena", "a las 10", "25 kg"],
)
def test_other_papers_are_no_orders(text: str) -> None:
    assert references(fold(text)) == []


def test_a_bare_number_counts_where_it_is_the_open_order() -> None:
    assert [r.ref for r in references("hago la factura de la 45", open_ref="P00045")] == ["P00045"]
