"""Days that a text names, resolved against the supplier's own today.

The grammar here finds the span and resolves what is relative (`el viernes`, `amanhã`, `dia 28`); a day with its month goes
to `dateparser`, on the span alone. A range or a vague time (`la próxima semana`) is found too, with no day: it says that
there is a date that we do not know.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateparser.date import DateDataParser

from domain.understanding import Language
from domain.value import Value

_MONTH = (
    r"(?:enero|ene|janeiro|january|jan|febrero|fevereiro|february|feb|fev|marzo|marco|march|mar|abril|april|abr|apr|mayo|maio|"
    r"may|junio|junho|june|jun|julio|julho|july|jul|agosto|august|ago|aug|septiembre|setiembre|setembro|september|sept|sep|set|"
    r"octubre|outubro|october|oct|out|noviembre|novembro|november|nov|diciembre|dezembro|december|dic|dez|dec)(?![a-z])"
)
_MONTHS = (
    "ene jan",
    "feb fev",
    "mar",
    "abr apr",
    "may mai",
    "jun",
    "jul",
    "ago aug",
    "set sep",
    "oct out",
    "nov",
    "dic dez dec",
)
_WEEKDAYS = {
    "lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5, "domingo": 6,
    "segunda-feira": 0, "terca-feira": 1, "quarta-feira": 2, "quinta-feira": 3, "sexta-feira": 4,
    "segunda": 0, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4,
}  # fmt: skip
_DAY = rf"(?P<weekday>{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})(?![a-z-])"
_YEAR = r"(?:,?\s*(?:de|del|of)?\s*(?P<year>20\d\d))?"
_NUMBER_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|°|ro)?"
_NO_UNIT = (
    r"(?![\d/%:]|[.,]\d|\s*(?:%|hrs?\b|horas?|am\b|pm\b|h\b|kg|kilos?|cajas?|sacos?|unidades|lucas|pesos|mil\b|de cada|x\b))"
)

_RANGE = re.compile(
    r"(?:entre (?:el )?(?:\w+ )?\d{1,2}(?: de \w+)? y (?:el )?(?:\w+ )?\d{1,2}|"
    r"between (?:the )?\S+(?: \S+)? and \S+|entre (?:dia )?\d{1,2} e (?:dia )?\d{1,2}"
    r"|(?:\d{1,2}|lunes|martes|miercoles|jueves|viernes) (?:o|ou|or) (?:el )?(?:\d{1,2}|lunes|martes|miercoles|"
    r"jueves|viernes|sabado)(?![\d.,/]| cajas| sacos)"
    r"|(?:(?:la |a )?(?:1ra?|2da?|1a|2a|primera|segunda|primeira)\s+)?quin(?:c|z)ena(?: de \w+)?"
    r"|(?:(?:la |a |na |en la |the )?(?:proxima|otra|primera|segunda|ultima|que vem|next|following|first|second|"
    r"last|this|esta|essa|misma) (?:semana|week)(?: de \w+)?)"
    r"|(?:la )?semana (?:que viene|proxima|siguiente|del? \d{1,2}(?: de \w+)?|que vem|que entra)"
    r"|(?:a )?(?:fin(?:es|al|ales)?|principios|mediados|comienzos|inicios?) (?:de|del) (?:mes|ano|semana|\w+)"
    r"|(?:fim|final|comeco|meados) (?:do|de) (?:mes|ano|\w+)|(?:end|beginning|middle) of (?:the )?\w+|(?:early|mid|late)[ -]\w+"
    r"|(?:en )?(?:un par de|unos|algunos|\d+ a \d+|\d+-\d+|\d+) (?:dias|days)(?: habiles| uteis| corridos)?(?! mas tarde)"
    r"|(?:en )?\d+ (?:hrs?|horas|hours)(?: habiles)?|(?:en |in |em )?(?:\d+|un par de|unas|a few|"
    r"a couple of) (?:semanas?|weeks?|meses|months)"
    r"|(?:(?:despues|antes|a partir|depois|apartir) (?:del?|do)|after|before) (?:\w+ )?\d{1,2}(?: de \w+)?)"
)
_FROM_TO = re.compile(
    r"\bd(?:el|o|e) (?:dia )?(?:\w+ )?\d{1,2}(?:[/-]\d{1,2})?(?: de [a-z]+)?\s+(?:al?|para (?:el|o)|"
    r"ao)\s+(?=(?:dia )?(?:\w+ )?\d{1,2})"
)
_IN_DAYS = re.compile(r"(?:en|in|em|dentro de|daqui a)\s+(?P<count>\d{1,2})\s+(?:dias|days)(?! habiles| uteis)")
_ISO = re.compile(r"(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    r"(?<![\d/.,-])(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?:(?P=mark)(?P<year>20\d\d|\d\d))?(?![\d/])"
)
_DAY_MONTH = re.compile(
    rf"(?:{_DAY},?\s*(?:el\s+|dia\s+|the\s+)?)?(?<![\d.,$]){_NUMBER_DAY}\s*(?:de\s+|of\s+|"
    rf"del?\s+mes de\s+)?(?P<month>{_MONTH})\.?{_YEAR}"
)
_MONTH_DAY = re.compile(rf"(?:{_DAY},?\s*)?(?<![a-z])(?P<month>{_MONTH})\.?\s+(?:the\s+)?{_NUMBER_DAY}(?![\d:]|\.\d){_YEAR}")
_RELATIVE = re.compile(
    r"(?<![a-z])(?P<word>pasado manana|depois de amanha|the day after tomorrow|day after tomorrow|tomorrow|"
    r"manana|amanha|hoy|hoje|today|tonight)(?![a-z])"
)
_WEEKDAY = re.compile(
    rf"(?<![a-z])(?:(?P<before>proxim[oa]|este|esta|esse|essa|next|this|last|pasado|ultim[oa]|a)\s+)?(?<![a-z]){_DAY}"
    rf"(?:,?\s*(?:el\s+|dia\s+|the\s+)?{_NUMBER_DAY}{_NO_UNIT})?(?P<after>\s+(?:que viene|proxim[oa]|que vem|"
    r"pasado|passad[oa]|siguiente))?"
    r"(?P<week>\s+de\s+(?:la|a)\s+(?:proxima|otra)\s+semana|\s+(?:da semana que vem|next week|de la semana que viene))?"
)
_DAY_ALONE = re.compile(
    r"(?<![a-z])(?:(?:el|al|del|the|on the|para el|ao)\s+(?:dia\s+)?|"
    rf"(?:o\s+)?dia\s+){_NUMBER_DAY}{_NO_UNIT}(?! (?:de )?{_MONTH})"
)
#: `mañana` and weekdays that are no date: the time of day, an ordinal.
_MORNING = re.compile(r"(?:(?:en|por|de|a) la|esta|toda la|cada|na|la)\s+$")
_ORDINAL = re.compile(r"^\s*(?:parcela|via|opcao|entrega|vez|remessa|quincena|opcion)")
_FRACTION = frozenset({(1, 2), (1, 3), (1, 4), (2, 3), (3, 4)})


class DateMention(Value):
    """One time that a text names: `day` is None for a range or what cannot be told."""

    start: int
    end: int
    day: date | None


def dates(folded: str, *, today: date, language: Language) -> list[DateMention]:
    """The days and ranges named in a folded text, in order of appearance, without overlaps."""
    found: list[DateMention] = []

    def add(start: int, end: int, day: date | None) -> None:
        if all(end <= mention.start or start >= mention.end for mention in found):
            found.append(DateMention(start=start, end=end, day=day))

    moved = [(match.start(), match.end()) for match in _FROM_TO.finditer(folded)]
    for match in _IN_DAYS.finditer(folded):
        add(match.start(), match.end(), today + timedelta(days=int(match["count"])))
    for match in _WEEKDAY.finditer(folded):
        if match["week"]:
            add(match.start(), match.end(), _weekday_day(match, today, folded))
    for match in _RANGE.finditer(folded):
        if not re.match(_DAY_MONTH.pattern, match.group()):
            add(match.start(), match.end(), None)
    for match in _ISO.finditer(folded):
        add(match.start(), match.end(), _made(int(match["year"]), int(match["month"]), int(match["day"])))
    for match in _NUMERIC.finditer(folded):
        if (int(match["one"]), int(match["two"])) in _FRACTION and not match["year"]:
            before = folded[: match.start()].rstrip()
            if not before.endswith((" el", " para", " dia", " al", " pro", " on", " by")):
                continue
        if match["mark"] != "/" and not match["year"]:
            continue
        if match["year"] or 1 <= int(match["two"]) <= 31:
            add(match.start(), match.end(), _numeric_day(match, today=today, language=language))
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(folded):
            add(match.start(), match.end(), _named_day(match, today=today, language=language))
    for match in _RELATIVE.finditer(folded):
        if match["word"] == "manana" and _MORNING.search(folded[: match.start()]):
            continue
        add(match.start(), match.end(), _relative_day(match["word"], today))
    for match in _WEEKDAY.finditer(folded):
        if match["weekday"] in ("segunda", "terca", "quarta", "quinta", "sexta", "mon", "wed", "fri", "thu") and (
            language == "es" or _ORDINAL.match(folded[match.end() :])
        ):
            continue
        add(match.start(), match.end(), _weekday_day(match, today, folded))
    for match in _DAY_ALONE.finditer(folded):
        add(match.start(), match.end(), _next_day_of_month(int(match["day"]), today))
    kept = [m for m in found if not any(start <= m.start and m.end <= end for start, end in moved)]
    return sorted(kept, key=lambda mention: mention.start)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest_year(month: int, day: int, today: date) -> date | None:
    """The day of this month whose year makes it the nearest: a little in the past, or the coming months."""
    choices = [made for year in (today.year - 1, today.year, today.year + 1) if (made := _made(year, month, day))]
    return next((made for made in choices if timedelta(days=-90) <= made - today <= timedelta(days=275)), None)


def _numeric_day(match: re.Match[str], *, today: date, language: Language) -> date | None:
    one, two = int(match["one"]), int(match["two"])
    year = int(match["year"]) if match["year"] else None
    if year is not None and year < 100:
        year += 2000

    def resolved(day: int, month: int) -> date | None:
        if not 1 <= month <= 12:
            return None
        return _made(year, month, day) if year else _nearest_year(month, day, today)

    day_first, month_first = resolved(one, two), resolved(two, one)
    if language != "en" or day_first == month_first:
        return day_first
    # English is written with either order: only what makes sense as one date in the coming months is told.
    likely = [day for day in (day_first, month_first) if day and timedelta(0) <= day - today <= timedelta(days=150)]
    return likely[0] if len(likely) == 1 and likely[0] - today <= timedelta(days=75) else None


@lru_cache(maxsize=8)
def _parser(language: Language) -> DateDataParser:
    return DateDataParser(languages=[language], settings={"DATE_ORDER": "DMY", "REQUIRE_PARTS": ["day", "month"]})


@lru_cache(maxsize=2048)
def _day_and_month(span: str, language: Language) -> tuple[int, int] | None:
    parsed: datetime | None = _parser(language).get_date_data(span).date_obj
    return (parsed.month, parsed.day) if parsed else None


def _named_day(match: re.Match[str], *, today: date, language: Language) -> date | None:
    # The year 2024 lets 29 February be read; the year itself is resolved here, where past and future are known.
    span = f"{match['day']} {match['month']} 2024"
    read = _day_and_month(span, language) or _day_and_month(span, _language_of_month(match["month"]))
    if read is None:
        return None
    made = _made(int(match["year"]), *read) if match["year"] else _nearest_year(*read, today)
    return made if made and _fits_weekday(match["weekday"], made) else None


def _language_of_month(name: str) -> Language:
    ends = {"es": ("o", "re", "il", "ene", "dic"), "pt": ("eiro", "bro", "ho", "dez", "set", "out", "fev")}
    if name.endswith(ends["pt"]):
        return "pt"
    return "es" if name.endswith(ends["es"]) else "en"


def _fits_weekday(name: str | None, day: date) -> bool:
    return name is None or _WEEKDAYS[name] == day.weekday()


def _relative_day(word: str, today: date) -> date:
    if word in ("hoy", "hoje", "today", "tonight"):
        return today
    return today + timedelta(days=2 if "pasado" in word or "depois" in word or "after" in word else 1)


def _weekday_day(match: re.Match[str], today: date, folded: str) -> date | None:
    weekday = _WEEKDAYS[match["weekday"]]
    modifier = f"{match['before'] or ''} {match['after'] or ''}"
    if match["day"]:
        day = _next_day_of_month(int(match["day"]), today)
        return day if day and day.weekday() == weekday else None
    ahead = (weekday - today.weekday()) % 7
    if any(word in modifier for word in ("pasad", "passad", "last", "ultim")):
        return today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    if match["week"]:
        return today + timedelta(days=7 - today.weekday() + weekday)
    if re.search(r"(?:hoy|hoje|today)\s*$", folded[: match.start()]):
        return today if ahead == 0 else None
    if match["before"] == "next" and weekday > today.weekday():
        # "Next Friday" said on a Monday means this week's to some and the week after to others.
        return None
    return today + timedelta(days=ahead or 7)


def _next_day_of_month(day: int, today: date) -> date | None:
    month, year = today.month, today.year
    if day < today.day:
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
    return _made(year, month, day)
