from decimal import Decimal

import pytest

from domain.understanding import Intent, ReadingContext
from graphs.reading.offline import interpret
from tests.unit.graphs.reading.contexts import TODAY, context

NOBODY = ReadingContext(today=TODAY)


def lines(*messages: str, facts: ReadingContext = NOBODY) -> list[tuple[str | None, str | None, str | None, str, str | None]]:
    reading = interpret(list(messages), facts)
    assert reading.intent is Intent.NEW_QUOTE, reading
    return [
        (
            line.product,
            None if line.quantity is None else f"{line.quantity:f}",
            line.unit,
            f"{(line.unit_price or Decimal(0)).normalize():f}",
            line.currency,
        )
        for line in reading.lines
    ]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("tengo palta caja de 10 kg a 28 lucas la caja + iva", ("palta 10 kg", None, "caja", "28000", "CLP")),
        ("Le ofrezco 200 sacos de carbón 15 kg a $7.990 el saco", ("carbón 15 kg", "200", "saco", "7990", "CLP")),
        ("30 tambores de miel 300 kg por $58.500.000 en total", ("miel 300 kg", "30", "tambor", "1950000", "CLP")),
        ("hola, tengo 60 cajas de limones a 22 lucas cada una", ("limones", "60", "caja", "22000", "CLP")),
        ("huevo primera bandeja de 30 a $5.290 la bandeja", ("huevo primera bandeja de 30", None, "bandeja", "5290", "CLP")),
        ("Mantención de grúas: 12,5 UF por visita + IVA", ("Mantención de grúas", None, "visita", "12.5", "CLF")),
        ("1.500 kg de lentejas a $1.150/kg + IVA", ("lentejas", "1500", "kg", "1150", "CLP")),
        ("We can offer 500 bags of coffee at USD 212 per bag", ("coffee", "500", "bag", "212", "USD")),
        ("we have prunes in 10 kg cartons at USD 38 per carton (150 cartons)", ("prunes 10 kg", "150", "carton", "38", "USD")),
        ("Rapadura caixa 5 kg R$ 47,50 a caixa", ("Rapadura 5 kg", None, "caixa", "47.5", "BRL")),
        ("el cemento lo tengo a cuatro mil quinientos pesos el saco", ("cemento", None, "saco", "4500", "CLP")),
        ("la docena de huevos de campo a $3.600 la docena, ¿te tinca?", None),
    ],
)
def test_goods_in_running_text(message: str, line: tuple[str | None, ...] | None) -> None:
    found = lines(message)
    assert len(found) == 1
    if line is not None:
        assert found[0] == line


def test_tables_with_tabs_and_a_header() -> None:
    table = "Producto\tFormato\tCant.\tPrecio unit. neto\tTotal\nCloro gel\tcaja 12 kg\t120\t$1.150\t$138.000"
    assert lines(table) == [("Cloro gel 12 kg", "120", "caja", "1150", "CLP")]


def test_tables_with_bars_and_leader_dots() -> None:
    assert lines("Leche de coco | caixa 24x200 ml | 30 caixas | R$ 96,90") == [
        ("Leche de coco 24x200 ml", "30", "caixa", "96.9", "BRL")
    ]
    text = "Precios netos por kilo, en pesos:\nCanela molida ....... 8.250,50\nNuez moscada .. 14.900"
    assert lines(text) == [
        ("Canela molida", None, "kg", "8250.5", "CLP"),
        ("Nuez moscada", None, "kg", "14900", "CLP"),
    ]


def test_a_quantity_of_each_holds_for_every_line_and_a_minimum_for_none() -> None:
    both = lines("uva caja 8 kg $9.000 la caja", "kiwi caja 10 kg $8.000 la caja", "tengo 40 cajas de cada una")
    assert [line[1] for line in both] == ["40", "40"]
    assert [line[1] for line in lines("walnut is 7.10 usd/kg", "min 500 kg")] == [None]


def test_other_goods_beside_an_open_order_are_a_quote_of_their_own() -> None:
    reading = interpret(["también tengo toalla de papel a 14.500 pesos la caja, le interesa?"], context(state="purchase"))
    assert (reading.intent, reading.order_ref) == (Intent.NEW_QUOTE, None)


@pytest.mark.parametrize("message", ["cobramos el flete a $45.000", "me deben $350.000", "les vendimos a $5.000 ayer"])
def test_money_that_is_no_offer(message: str) -> None:
    assert interpret([message], NOBODY).intent is not Intent.NEW_QUOTE
