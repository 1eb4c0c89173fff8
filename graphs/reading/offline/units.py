"""The units goods are counted and measured in, in the forms suppliers write, each with the form that we record.

The recorded form is the singular in the supplier's own language; measures take their symbol (`kilos` is `kg`).
"""

from enum import StrEnum

from domain.understanding import Language
from graphs.reading.offline.text import fold


class UnitKind(StrEnum):
    """A pack is counted (sacks, boxes); a measure is a weight, a volume or a length; a period is time or a service."""

    PACK = "pack"
    MEASURE = "measure"
    PERIOD = "period"


_PACKS = """
saco sacos | caja cajas cj cjs | bolsa bolsas | bidón bidones | botella botellas | bandeja bandejas |
paquete paquetes paq | unidad unidades und unds un uni unid uds ud u | rollo rollos | tambor tambores | balde baldes |
tineta tinetas | frasco frascos | lata latas | tarro tarros | pallet pallets palet palets | docena docenas |
malla mallas | cajón cajones | pote potes | sobre sobres | barra barras | resma resmas | fardo fardos | galón galones |
pieza piezas pza pzas | par pares | plancha planchas | display displays | pack packs | set sets | kit kits |
maxisaco maxisacos | cubeta cubetas | jaba jabas | atado atados | estuche estuches | ampolla ampollas |
cilindro cilindros | manga mangas | tira tiras | tubo tubos | cartón cartones | gamela gamelas | bin bins |
horma hormas | canasto canastos | bag bags | box boxes | carton cartons ctn ctns | case cases | bottle bottles |
tray trays | packet packets | unit units pc pcs | drum drums | bucket buckets | pail pails | tin tins | can cans |
jar jars | dozen dozens | roll rolls | piece pieces | sack sacks | crate crates | tub tubs | keg kegs | bundle bundles |
sheet sheets | pair pairs | jug jugs | barrel barrels | sleeve sleeves | pouch pouches | tank tanks |
caixa caixas cx cxs | garrafa garrafas | pacote pacotes pct pcts | unidade unidades | dúzia duzias | rolo rolos |
galão galoes | peça pecas | bombona bombonas | engradado engradados | saca sacas | bisnaga bisnagas | tonel toneis |
vidro vidros | envase envases
"""
_MEASURES = """
kg kgs kilo kilos kilogramo kilogramos quilo quilos quilograma kilogram kilograms |
g gr grs gramo gramos grama gramas gram grams | L l lt lts litro litros liter liters litre litres | ml | cc | cl |
m mt mts metro metros meter meters metre metres | m2 | m3 | tonelada toneladas ton tons t tn | tonne tonnes |
lb lbs libra libras pound pounds | oz ounce ounces | quintal quintales | gal | km
"""
_PERIODS = """
mes meses mensual mensuales mensualmente mensal mensais month months monthly | visita visitas visit visits |
hora horas hour hours hr | viaje viajes trip trips viagem viagens | servicio servicios service servico servicos |
día dia dias day days diario diaria | año ano anual year | semana semanal semanales semanais week weekly |
jornada jornadas | turno turnos
"""
#: Words of `_PERIODS` and others whose recorded form depends on the language they are written in.
_OWN_FORM = {"month": "month", "months": "month", "monthly": "month", "hour": "hour", "hours": "hour", "visit": "visit",
             "visits": "visit", "trip": "trip", "trips": "trip", "viagem": "viagem", "viagens": "viagem", "service": "service",
             "servico": "serviço", "servicos": "serviço", "day": "day", "days": "day", "year": "year", "mensal": "mês",
             "mensais": "mês", "week": "week", "weekly": "week", "ano": "ano", "pound": "lb", "pounds": "lb", "ounce": "oz",
             "ounces": "oz", "u": "unidad", "cartons": "carton",
             "carton": "carton"}  # fmt: skip
_EACH: dict[Language, str] = {"es": "unidad", "en": "unit", "pt": "unidade"}


def _read(table: str) -> dict[str, str]:
    forms: dict[str, str] = {}
    for group in table.replace("\n", " ").split("|"):
        words = group.split()
        for word in words:
            forms.setdefault(fold(word), words[0])
    return forms


_FORMS: dict[UnitKind, dict[str, str]] = {
    UnitKind.PACK: _read(_PACKS),
    UnitKind.MEASURE: _read(_MEASURES),
    UnitKind.PERIOD: _read(_PERIODS),
}


def _pattern(*kinds: UnitKind) -> str:
    words = sorted({word for kind in kinds for word in _FORMS[kind]}, key=len, reverse=True)
    return rf"(?:{'|'.join(words)})(?![^\W_])"


#: Patterns to build grammars from; they match folded text.
PACK = _pattern(UnitKind.PACK)
MEASURE = _pattern(UnitKind.MEASURE)
COUNTABLE = _pattern(UnitKind.PACK, UnitKind.MEASURE)
ANY_UNIT = _pattern(*UnitKind)
#: Weights and volumes alone: what names the size of a pack.
WEIGHT_OR_VOLUME = (
    r"(?:kilogramos?|kilograms?|quilogramas?|kilos?|quilos?|kgs?|gramos?|gramas?|grams?|grs?|g|litros?|liters?|"
    r"litres?|lts?|l|ml|cc|cl|"
    r"toneladas?|tonnes?|tons?|lbs?|pounds?|oz|ounces?|gal)(?![^\W_])"
)
EACH = r"(?:c\s?/\s?u\.?|c/un\.?|cada un[oa]?|each|apiece|ea|cada|/\s?u(?:nid|nit)?)(?![^\W_])"


def unit_of(word: str, *, language: Language = "es") -> str | None:
    """The form that we record for a unit as written (`cajas` → `caja`, `c/u` → `unidad`), or None if it is none."""
    plain = fold(word).strip(" .")
    if plain in ("cartón", "carton", "cartones") and language == "es":
        return "cartón"
    if plain in _OWN_FORM:
        return _OWN_FORM[plain]
    if plain in ("unidade", "unidades") and language == "pt":
        return "unidade"
    for forms in _FORMS.values():
        if plain in forms:
            form = forms[plain]
            return "mês" if form == "mes" and language == "pt" else form
    if plain.startswith(("c/", "c /", "cada", "each", "apiece", "ea", "/")):
        return _EACH[language]
    return None


def kind_of(word: str) -> UnitKind | None:
    """Whether a unit as written is a pack, a measure or a period; None if it is no unit."""
    plain = fold(word).strip(" .")
    return next((kind for kind, forms in _FORMS.items() if plain in forms), None)


#: Units that suppliers of different languages, or loose wording, use for the same pack.
_ALIKE = (
    frozenset({"saco", "bolsa", "bag", "sack", "saca", "fardo", "malla", "maxisaco"}),
    frozenset({"caja", "caixa", "box", "carton", "cartón", "case", "crate", "jaba", "cajón"}),
    frozenset({"botella", "bottle", "garrafa", "frasco", "jar", "vidro"}),
    frozenset({"bidón", "drum", "tambor", "jug", "bombona", "galón", "galão", "balde", "bucket", "pail", "tineta", "barrel"}),
    frozenset({"paquete", "pack", "packet", "pacote", "display"}),
    frozenset({"bandeja", "tray"}),
    frozenset({"rollo", "roll", "rolo"}),
    frozenset({"lata", "tin", "can", "tarro"}),
    frozenset({"docena", "dozen", "dúzia"}),
)
_ANYTHING = frozenset({"unidad", "unit", "unidade", "pieza", "piece", "peça"})


def may_be_same_unit(one: str, other: str) -> bool:
    """Whether two units could count the same thing: the same, alike, or one as loose as `unidad`."""
    one, other = unit_of(one) or one, unit_of(other) or other
    if one == other or one in _ANYTHING or other in _ANYTHING:
        return True
    return any(one in alike and other in alike for alike in _ALIKE)
