"""Which of the three languages a supplier writes, by the small words that only one of them has.

Deterministic and free of models; Spanish, the first language of our suppliers, wins a tie.
"""

from domain.understanding import Language
from graphs.reading.offline.text import fold, tokens, word_set

_SMALL_WORDS: dict[Language, frozenset[str]] = {
    "es": word_set(
        "el los las del y en con por para que una su sus lo le les nos pero hola buenos buenas dias tardes gracias confirmo "
        "orden pedido entrega precio factura cuando hoy manana estimados estimada estimado saludos si no es esta estamos "
        "tengo tenemos puedo podemos hasta muy ya mi favor quiero quisiera donde como cual al se te me ustedes oye oiga "
        "dale listo sacos cajas lunes martes miercoles jueves viernes sabado unos hay fue son pago despacho"
    ),
    "en": word_set(
        "the and of to is are we our you your for with on at this that it will can be have has not please thanks thank "
        "hi hello hey dear regards order price invoice delivery from by as in an any per each when what would could need "
        "confirm confirmed good morning afternoon monday tuesday wednesday thursday friday saturday tomorrow today bags "
        "boxes i my us they if but was accept ship payment"
    ),
    "pt": word_set(
        "o os um uma do da dos das em no na nos nas com para que nao voce voces ola oi bom boa dia tarde obrigado obrigada "
        "pedido preco nota amanha hoje sim mas ainda entrega entregar prezados prezado sao estamos temos tenho posso podemos "
        "ate muito ja meu minha nosso nossa por favor quero gostaria quando tudo pela pelo ao seu sua segue caixas vai vou "
        "segunda terca quarta quinta sexta fechado pagamento quanto conta consigo foi"
    ),
}
#: Letters of the unfolded text that only one language writes.
_LETTERS: dict[str, Language] = {"ñ": "es", "¿": "es", "¡": "es", "ã": "pt", "õ": "pt", "ç": "pt", "ê": "pt", "ô": "pt"}


def language_of(text: str, *, default: Language = "es") -> Language:
    """The language of `text`, or `default` where nothing in it tells."""
    words = tokens(fold(text))
    scores: dict[Language, float] = {
        language: float(sum(word in small for word in words)) for language, small in _SMALL_WORDS.items()
    }
    for letter in text.lower():
        if letter in _LETTERS:
            scores[_LETTERS[letter]] += 1.5
    best = max(scores.values())
    if best == 0:
        return default
    leaders = [language for language, score in scores.items() if score == best]
    return default if default in leaders else leaders[0]
