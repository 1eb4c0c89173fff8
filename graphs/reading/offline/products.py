"""The supplier's own words for goods, freed of what surrounds them.

The pack's name goes where a weight or volume follows it (`saco 50 kg` leaves `50 kg`), and stays where it is part of the
goods (`bandeja de 30`): so the words match what a buyer would type.
"""

import re

from domain.value import Value
from graphs.reading.offline.burst import Burst
from graphs.reading.offline.plain import GREETING
from graphs.reading.offline.text import any_of, fold
from graphs.reading.offline.units import MEASURE, PACK, WEIGHT_OR_VOLUME, unit_of

_SIZE = rf"(?:\d+\s*x\s*)?\d+(?:[.,]\d+)?\s*(?:{WEIGHT_OR_VOLUME})"
_PACK_THEN_SIZE = re.compile(rf"(?:(?:in|en|em|de)\s+)?(?P<pack>{PACK})\s*(?:de\s+|of\s+|x\s*|c/\s*|con\s+)?(?P<size>{_SIZE})")
_SIZE_THEN_PACK = re.compile(rf"(?:(?:in|en|em|de)\s+)?(?P<size>{_SIZE})\s+(?P<pack>{PACK})")
#: What leads up to goods and is not them; the goods begin after the last of these.
_LEAD_IN = re.compile(
    r"(?:^|(?<=[\s,:;.!?(]))(?:(?:le|les|te|me|nos|se)\s+)?(?:tengo|tenemos|tambien(?: tengo| tenemos)?|ofrezco|"
    r"ofrecemos|ofrecerles?|puedo ofrecer(?:les?)?|podemos ofrecer(?:les?)?|cotizo|cotizamos|llego|llegaron|"
    r"entro|hay|"
    r"(?:paso|dejo|mando|envio|va|van|adjunto)(?: (?:los|las|el|la|mis))?(?: (?:precios?|valores?|cotizacion|"
    r"lista|oferta)(?: de(?: (?:los|las|la|el))?)?)?|(?:precios?|valores?|cotizacion|oferta|"
    r"lista)(?: \w+)? (?:de|para|por)|sobre|respecto a|pidieron|pidio|pidieran|pediste|"
    r"(?:we|i)(?: can| could|'d|'ll| would| will| are able to| do)?(?: (?:offer|have|quote|propose|supply|do|"
    r"sell|got|also))+(?: you)?|our (?:price|quote|offer)s?(?: (?:for|on|is|are))?|(?:prices?|quotes?|"
    r"offers?)(?: for| on| of)|for|here (?:is|are|goes?)|available|"
    r"temos|tenho|(?:posso |podemos )?oferec(?:er|o|emos)|segue(?:m)?|consigo|sai|vendo|vendemos|sell(?:ing)?|"
    r"eh|mire|bueno|ya|entonces|osea|o sea|ahora|y|e|and|plus|mas|tambem|ademas|oferta|oferto|ofertamos|"
    r"promo(?:cion)?|hoy|disponible|queda(?:n|ria|rian)?|salio|bajo|subio|el precio (?:de(?:l| la)?|para)|"
    r"a)(?=[\s,:]|$)[\s,:]*"
)
_TRAILER = re.compile(
    r"(?:[\s,:;=(.*|@/-]|(?<![a-z])(?:(?:a|en|em|por|de|at|for|is|are|is at|were|x|@|es|son|e|que|ahora|hoy|now|"
    r"today|neto|netos|solo|desde|from|price|precio|valor|preco|only|just|aprox|"
    r"(?:se |te |le |les )?(?:la|lo|las|los|l[oa]s)|se|te|le|les|esa|ese|eso|esas|esos|esta|este|estos|estas|"
    r"puedo|podemos|podria|podriamos|dejar|dejo|dejamos|dejaria|sale|salen|sai|estan|quedan?|quedaria|vale|valen|"
    r"cuesta|cuestan|custa|va|van|fica|ficam|seria|serian|costs?|cost|"
    r"subio|subieron|bajo|bajaron|cada|uno|una|el|per|the|neto|con|c/u|precio(?: unitario)?|unitario|unit price|"
    r"a solo|tengo|vendo|stands?|comes?|goes?|can do|offer(?:ed)?|us|clp|usd)(?![a-z])))+$"
)
_ARTICLES = re.compile(
    r"^(?:(?:el|la|los|las|lo|un|una|unos|unas|del|de|the|a|an|of|some|o|os|as|um|uma|do|da|su|sus|nuestr[oa]s?|"
    r"our|esa|ese|esos|esas|para|por|con|e|y|and|en|mi|mis)\s+)+"
)
#: Words that show that what was cut out is a sentence, and no name of goods.
_NO_GOODS = any_of(
    "no", r"vendi\w*", "ayer", "pagamos", "pagaron", r"cobr\w+", r"compr\w+", "deb(?:en|emos)", "not", "nao", r"confirm\w*",
    r"acept\w*", "puedo", "podemos", "can't", "cannot", "que", "orden", "order", "pedido", "factura", "invoice", "pago",
    "payment", "pagar", r"entreg\w+", r"deliver\w*", "si", "if", "they", "we", "you", "ustedes", r"precio\w*", r"price\w*",
    "cuenta", r"debe\w*", "otro", r"preco\w*", "subiu", "subio", r"proveedor\w*", r"supplier\w*",
)  # fmt: skip
_BULLET = re.compile(
    r"^\s*(?:[-*•·>▪✓✅➡️🔹🔸]+|\(?\d{1,2}[.)]\s|\d{1,2}\s*-\s+(?=[a-z])|[a-d]\)\s|(?:item|linea|line)\s*\d+[.:)]*)\s*"
)


class Product(Value):
    """The words for goods, and the pack that was named with their size."""

    words: str | None = None
    pack: str | None = None


def product_words(
    text: str, span: tuple[int, int], *, burst: Burst, cuts: list[tuple[int, int]], after: bool = False
) -> Product:
    """The goods named in `text[span]` (the part before a price, or after it), without the spans to cut."""
    begin, end = span
    part = text[begin:end]
    for start, stop in cuts:
        if begin <= start < end:
            # What stands before a quantity only leads up to it: `y 40 sacos de`.
            blanked = " " * (min(stop, end) - start)
            part = part[: start - begin] + blanked + part[min(stop, end) - begin :]
            if not re.search(r"[^\W\d_]{3}", _LEAD_IN.sub(" ", fold(part[: start - begin]))):
                part = " " * (start - begin) + part[start - begin :]
    if after:
        match = re.match(r"\s*(?:de|of|d[oa]|la|el|los|las|the|para)\s+((?:[^\W\d_][\w%/-]*\s?){1,5})", part)
        return clean_product(match.group(1), burst=burst) if match else Product()
    return clean_product(part, burst=burst)


def clean_product(part: str, *, burst: Burst) -> Product:
    """`part` without bullets, greetings, lead-ins, articles, trailing words and the pack's name."""
    part = re.split(r"(?<=[^\d.])[.!?;]\s", part)[-1]
    part = part[_bullet_length(part) :]
    head, colon, tail = part.rpartition(":")
    if colon and re.search(r"[^\W\d_]{3}", tail) and len(head.split()) <= 6:
        part = tail
    lead = 0
    folded = fold(part)
    for match in GREETING.finditer(folded):
        lead = max(lead, match.end())
    for match in _LEAD_IN.finditer(folded):
        if match.end() < len(folded) and re.search(r"[a-z]{3}", _trim(folded[match.end() :])):
            lead = max(lead, match.end())
    part = _strip_ends(part[lead:])
    pack: str | None = None
    for pattern in (_PACK_THEN_SIZE, _SIZE_THEN_PACK):
        found = pattern.search(fold(part))
        if found and (pattern is _SIZE_THEN_PACK or re.search(r"[a-z]{3}", fold(part)[: found.start()])):
            pack = unit_of(found["pack"], language=burst.language)
            size = part[found.start("size") : found.end("size")]
            kept = "" if _was_spelled(size, burst) else size
            part = _strip_ends(f"{part[: found.start()].rstrip(' ,-(|')} {kept} {part[found.end() :].lstrip(' )')}")
            break
    else:
        part = _without_spelled_size(part, burst)
    words = " ".join(part.split())
    words = words.strip(" .,;:-|*'")
    if words[:1] in '(["' or words.startswith(")"):
        words = words.strip(' ()[]"')
    if pack is None and (counted := re.search(rf"(?P<pack>{PACK})\s*(?:de\s+|of\s+|x\s*)?\d+\s*(?:{PACK})?$", fold(words))):
        pack = unit_of(counted["pack"], language=burst.language)
    if _NO_GOODS.search(fold(words)) or len(words.split()) > 9 or re.match(rf"\d[\d.,]*\s*(?:{MEASURE}|{PACK})", fold(words)):
        return Product()
    return Product(words=words if re.search(r"[^\W\d_]{2}", words) else None, pack=pack)


def _bullet_length(part: str) -> int:
    match = _BULLET.match(fold(part))
    return match.end() if match else 0


def _trim(folded: str) -> str:
    return _TRAILER.sub("", folded)


def _strip_ends(part: str) -> str:
    part = part.strip()
    part = part[: len(_trim(fold(part)))].strip(" ,:;-|")
    articles = _ARTICLES.match(fold(part))
    return part[articles.end() :] if articles and articles.end() < len(part) else part


def _was_spelled(size: str, burst: Burst) -> bool:
    """Whether this size stood in words in the message: a spoken `de diez kilos` is no part of the product's name."""
    at = burst.own.find(size.strip())
    while at >= 0:
        if at in burst.spelled:
            return True
        at = burst.own.find(size.strip(), at + 1)
    return False


def _without_spelled_size(part: str, burst: Burst) -> str:
    match = re.search(rf"\s+(?:es[ae]\s+)?(?:de|of)\s+(?P<size>{_SIZE})\s*$", fold(part))
    if match and _was_spelled(part[match.start("size") : match.end("size")], burst):
        return part[: match.start()]
    return part
