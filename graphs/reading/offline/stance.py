"""Whether the supplier says yes, no, or not yet to the order, and on what condition.

Each answer is about sentences: a yes in a question, beside a negation, or about something else than the order is no yes.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from graphs.reading.offline.burst import Burst
from graphs.reading.offline.papers import without_papers
from graphs.reading.offline.plain import is_only_courtesy
from graphs.reading.offline.proposals import Proposal, ProposalKind
from graphs.reading.offline.text import Clause, any_of, tokens
from graphs.reading.offline.words.accepting import ACCEPT, OTHER_OBJECT, RECEIPT, WEAK_ACCEPT, WEAK_WITH_ORDER
from graphs.reading.offline.words.asking import ASKING
from graphs.reading.offline.words.holding import CONDITION, CONDITION_PT, DEFER, HEARSAY, NEGATION, NEGATION_PT

_ACCEPT_ROOT = r"(?:(?:confirm|acept|accept)\w*|aceit(?:o|amos|ar|ando|arei|aremos|ei))(?![a-z])"
_NEGATED_ACCEPT = re.compile(
    r"(?:\bno\b|\bnot\b|n't\b|\bcannot\b|\bcant\b|\bnao\b|\bnever\b|\bnunca\b|\bunable\b|\bimposible\b|"
    rf"\btampoco\b)(?:\s+[a-z']+){{0,4}}?\s+{_ACCEPT_ROOT}"
    r"|(?:\bno\b|\bnot\b|\bnao\b)\s+(?:la|lo|te|le|les)(?:\s+(?:la|lo))?\s+(?:confirm|acept|tom)\w*"
)
#: `si` before these is "yes"; before anything else, unaccented, it may be "if".
_YES_GOES_ON = (
    r"(?:po|pues|pos|claro|dale|ok|okey|confirm(?:o|amos|ad[oa]|adisim[oa])|acept(?:o|amos)|por favor|porfa|"
    r"porfis|senora?|jefe|gracias|muchas|esta (?:bien|todo|ok|perfecto)|todo|tal|de acuerdo|perfecto|listo|"
    r"correcto|exacto|don|hola|buen[oa]s?|la (?:confirm|acept|tom)(?:o|amos|a)|lo (?:confirm|acept)(?:o|amos)|"
    r"(?:te|le|les) (?:la )?confirm(?:o|amos)|nomas|no mas|va|vamos|ya|mi|me parece|obvio|bueno|eso|conforme|"
    r"adelante|\d)(?![a-z])"
)
_IF = re.compile(rf"(?<![a-z])(?<!eso )(?<!ahora )(?<!claro que )(?<!que )si\s+(?!{_YES_GOES_ON})(?=[a-z])")
_STRONG_CONDITION = any_of(
    "si es que", "siempre (?:que|y cuando|q)", "con tal(?: de)?(?: que)?",
    "(?:a|bajo|con) (?:la )?condicion(?: de)?(?: que)?", "condicionad[oa]", "sujet[oa]s? a", "a menos que", "salvo que",
    "solo si", "provid(?:ed|ing)(?: that)?", "as long as", "so long as", "unless", "subject to",
    "on (?:the )?condition(?: that)?", "if", "contingent (?:on|upon)", "conditional(?:ly)? (?:on|upon)", "desde que",
    "contanto que", "so se", "sujeit[oa] a", "com a condicao",
)  # fmt: skip
_OWN_CHECK = any_of(
    "puedo", "podemos", r"alcanz\w+", r"revis\w+", "veo", "me dicen", "jef[ea]", "gerente", r"autoriz\w+", r"aprueb\w+",
    "can", "could", "able", "posso", r"consig\w+", "me da(?:n)?", "todo (?:sale|va) bien",
)  # fmt: skip
_YES_MARK = re.compile(r"[\U0001f44d\U0001f44c\u2705\u2714\U0001f197\U0001f91d]")


def was_past(sentence: Clause, match: re.Match[str]) -> bool:
    """Whether the verb carries the accent of the past (`confirmó`, `canceló`): someone else did it."""
    return "ó" in sentence.text[match.start() : match.end()].lower()


@dataclass(frozen=True)
class Stance:
    """What the supplier's own words say about accepting, seen with what we had asked."""

    burst: Burst
    proposal: Proposal | None

    @cached_property
    def asked_to_confirm(self) -> bool:
        """Whether our last message asked to confirm an order."""
        return self.proposal is not None and self.proposal.kind is ProposalKind.CONFIRM

    @cached_property
    def denies(self) -> bool:
        """A denied acceptance, such as `no confirmo` or `can't accept`."""
        return bool(_NEGATED_ACCEPT.search(self.burst.plain))

    @cached_property
    def defers(self) -> bool:
        """Not yet, later, perhaps."""
        return bool(DEFER.search(self.burst.plain))

    @cached_property
    def hearsay(self) -> bool:
        """Others said it, or it is past."""
        return bool(HEARSAY.search(self.burst.plain))

    @cached_property
    def negates(self) -> bool:
        """Any word of negation is left once idioms are gone."""
        pattern = NEGATION_PT if self.burst.language == "pt" else NEGATION
        return bool(pattern.search(self.burst.plain))

    @cached_property
    def says_if(self) -> bool:
        """An `if`: in Spanish an unaccented `si` that does not go on as a yes."""
        if self.burst.language == "pt":
            return bool(re.search(r"(?<![a-z])se (?=[a-z])", self.burst.plain))
        return any("í" not in self.burst.own[m.start() : m.start() + 2].lower() for m in _IF.finditer(self.burst.plain))

    @cached_property
    def conditions(self) -> bool:
        """Any condition, exception or contrast."""
        plain = self.burst.plain
        portuguese = self.burst.language == "pt" and bool(CONDITION_PT.search(plain))
        return self.says_if or portuguese or bool(CONDITION.search(plain))

    @cached_property
    def hangs_on_others(self) -> bool:
        """A real condition (`si es que llega el camión`), not the supplier's own checking (`si puedo`)."""
        plain = self.burst.plain
        real = self.says_if or bool(_STRONG_CONDITION.search(plain))
        return real and not _OWN_CHECK.search(plain) and not self.defers

    @cached_property
    def accepting(self) -> list[Clause]:
        """The sentences that accept, in so many words."""
        return [sentence for sentence in self.burst.sentences if self._accepts(sentence)]

    def _accepts(self, sentence: Clause) -> bool:
        if sentence.is_question or OTHER_OBJECT.search(sentence.folded) or ASKING.search(sentence.folded):
            return False
        if any(not was_past(sentence, match) for match in ACCEPT.finditer(sentence.folded)):
            return not _NEGATED_ACCEPT.search(sentence.folded)
        weak = WEAK_ACCEPT.match(sentence.folded.lstrip(" ,.!¡")) or _YES_MARK.match(sentence.text.lstrip())
        short = len(tokens(sentence.folded)) <= 8 and WEAK_ACCEPT.search(sentence.folded)
        if RECEIPT.search(self.burst.plain) or _IF.match(sentence.folded):
            return False
        return bool(weak or short) if self.asked_to_confirm else bool(WEAK_WITH_ORDER.search(sentence.folded))

    @cached_property
    def is_bare_yes(self) -> bool:
        """The whole burst is a yes and courtesy: it says whatever we proposed."""
        rest = without_papers(self.burst.plain)
        if RECEIPT.search(rest) and not ACCEPT.search(rest):
            return False
        if self.says_if or "?" in rest or any(self.burst.dates_in(self.burst.plain)):
            return False
        said = WEAK_ACCEPT.sub(" ", ACCEPT.sub(" ", rest))
        some = said != rest or bool(_YES_MARK.search(self.burst.own))
        return some and is_only_courtesy(said)
