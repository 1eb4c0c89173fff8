"""What in a burst calls for a person, whatever else it says.

Instructions aimed at the assistant, disguised characters, changed bank details, threats, complaints, and the wish for a
person. These rules read everything that came in, quoted and hidden text too, and lean towards calling a person: a false
alarm costs a minute, a miss could cost an order.
"""

import re
import unicodedata

from domain.value import Value
from graphs.reading.offline.text import fold, has_invisible
from graphs.reading.offline.words.attacks import FAKE_BOSS, ORDERS, OTHERS
from graphs.reading.offline.words.calling import BANK, COMPLAINT, OWN_TALK, PERSON, STRANDED, THREAT

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style|system|instructions?|assistant|prompt)\b.*?(?:</[^>]*>|\Z)|"
    r"<[a-z]+[^>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|color\s*:\s*(?:#fff|"
    r"white))[^>]*>.*?(?:</[^>]*>|\Z)",
    re.I | re.S,
)
_MARKUP = re.compile(
    r"<\|[^|\n]{1,30}\|>|\{\{.*?\}\}|\{%.*?%\}|\[/?(?:system|inst|sys|assistant|instruc\w*)\b[^\]]{0,200}\]?|"
    r"</?(?:system|assistant|instructions?|prompt|tool)[^>\n]{0,60}>|"
    r"^\s*#{2,}\s*(?:system|sistema|instruc\w*|instruction\w*)|```|\bsystem\s*prompt\b|\bBEGIN (?:SYSTEM|ADMIN)",
    re.I | re.M,
)
_ROLE = re.compile(
    r"(?:^|[\n.!?;>\[(<*_-])\s*(?:(?:nota|mensaje|instruccion\w*|aviso|orden|indicacion\w*|nota interna|note|"
    r"message|instructions?|instrucao|instrucoes|aviso)"
    r"\s+(?:\w+\s+){0,2}?(?:al?|para (?:el|la|o|a)?|para|to|for|ao|del?|do)\s*(?:the\s+|el\s+|o\s+)?)?"
    r"(?:asistente|assistente|assistant|chatbot|bot|sistema|system|ia|ai|agente(?: virtual)?|agent|robot|robo|"
    r"llm|gpt|chatgpt|admin|administrador|developer)"
    r"(?:\s+(?:de ia|virtual|automatic[oa]\w*|ai|compras|de compras|message|override|update|note|mode|"
    r"que \w+ \w+(?: \w+){0,3}))*\s*[:,>\]\-]"
)
_LOOK_ALIKES = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "MATHEMATICAL", "FULLWIDTH", "COPTIC")


class Alarms(Value):
    """What was found, each with the reason that a person is shown, or None. `hidden` spans are no words of the supplier."""

    injection: str | None = None
    bank_change: str | None = None
    threat: str | None = None
    complaint: str | None = None
    person: str | None = None
    stranded: str | None = None

    @property
    def reason(self) -> str | None:
        """The gravest of them."""
        return self.injection or self.bank_change or self.threat or self.complaint or self.person or self.stranded


def alarms(raw: str, own_words: str) -> Alarms:
    """Read the whole burst as it came for attacks, and only what the supplier himself wrote now for the rest."""
    folded = fold(own_words)
    neutral = re.sub(
        r"sin reclamos?|disculp\w+(?: \w+){0,2} (?:molestias?|demora)|lament\w+ (?:las |los )?(?:molestias|"
        r"inconvenientes)|reclamad[oa]s?",
        " ",
        folded,
    )
    requests = OWN_TALK.sub(" ", folded)
    return Alarms(
        injection=injection_in(raw),
        bank_change="A change of bank details or payee." if BANK.search(folded) else None,
        threat="A threat." if THREAT.search(folded) else None,
        complaint="A complaint." if COMPLAINT.search(neutral) else None,
        person="They ask for a person." if PERSON.search(requests) else None,
        stranded="Something went wrong at the delivery." if STRANDED.search(folded) else None,
    )


def injection_in(raw: str) -> str | None:
    """Why this text seems to be aimed at the assistant rather than at the buyer, or None."""
    if _HIDDEN.search(raw) or has_invisible(raw):
        return "Hidden text in the message."
    if _mixes_scripts(raw):
        return "Letters of another alphabet that look like ours."
    folded = fold(raw)
    if _MARKUP.search(raw) or _ROLE.search(folded) or ORDERS.search(folded):
        return "Instructions aimed at the assistant."
    if FAKE_BOSS.search(folded):
        return "Someone who claims authority over the assistant."
    if OTHERS.search(folded):
        return "A request for what other suppliers offer or for our limits."
    return None


def without_attacks(text: str) -> str:
    """What is left of a text once hidden parts and sentences aimed at the assistant are taken out."""
    shown = _MARKUP.sub(" ", _HIDDEN.sub(" ", text))
    kept = [part for part in re.split(r"(?<=[.!?])(?=\s)|(\n)", shown) if part and not injection_in(part)]
    return "".join(kept).strip()


def _mixes_scripts(text: str) -> bool:
    """Whether letters of another alphabet, or styled ones, stand among ours: no supplier of ours writes in them."""
    for word in re.findall(r"\w+", text):
        if word.isascii():
            continue
        names = [unicodedata.name(letter, "") for letter in word if letter.isalpha()]
        if any(name.startswith(_LOOK_ALIKES) for name in names):
            return True
    return False
