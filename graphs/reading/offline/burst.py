"""A burst prepared for the rules: the supplier's own words now, apart from subject, history and attacks.

Everything is computed once and shared, so that each rule is a plain question about the same words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from domain.understanding import Language, ReadingContext
from graphs.reading.offline.dates import DateMention, dates
from graphs.reading.offline.idioms import without_idioms
from graphs.reading.offline.language import language_of
from graphs.reading.offline.mail import Mail, split_mail
from graphs.reading.offline.money import currencies_named
from graphs.reading.offline.numbers import spell_out
from graphs.reading.offline.references import Reference, references
from graphs.reading.offline.safety import Alarms, alarms, without_attacks
from graphs.reading.offline.text import Clause, clauses, fold, visible


@dataclass(frozen=True)
class Burst:
    """What a supplier wrote in one go. `own` is his words with spelled numbers in digits; `folded` is `own` folded."""

    raw: str
    subject: str
    forwarded: str
    own: str
    spelled: frozenset[int]
    language: Language
    alarms: Alarms
    context: ReadingContext

    @property
    def today(self) -> date:
        """The supplier's local date."""
        return self.context.today

    @property
    def open_ref(self) -> str | None:
        """The reference of the supplier's open order."""
        return self.context.open_order.ref if self.context.open_order else None

    @cached_property
    def folded(self) -> str:
        """The supplier's words, folded, as long as `own`."""
        return fold(self.own)

    @cached_property
    def plain(self) -> str:
        """`folded` without idioms that only look like a negation or a condition (`no hay problema`)."""
        return without_idioms(self.folded)

    @cached_property
    def sentences(self) -> list[Clause]:
        """The sentences of `own`; idioms are blanked in their folded form."""
        return [Clause(text=sentence.text, folded=without_idioms(sentence.folded)) for sentence in clauses(self.own)]

    @cached_property
    def references(self) -> list[Reference]:
        """The orders named in the supplier's own words."""
        return references(self.folded, open_ref=self.open_ref)

    @cached_property
    def named_refs(self) -> tuple[str, ...]:
        """The orders named, those of the words before those of a mail's subject; each once."""
        subject = references(fold(self.subject), open_ref=self.open_ref)
        own = [reference.ref for reference in self.references]
        forwarded = [reference.ref for reference in references(fold(self.forwarded), open_ref=self.open_ref)]
        return tuple(dict.fromkeys(own or forwarded or [reference.ref for reference in subject]))

    @cached_property
    def currency(self) -> str | None:
        """The one currency named anywhere in the burst, for prices that carry none."""
        named = currencies_named(fold(f"{self.subject}\n{self.own}"), language=self.language)
        return next(iter(named)) if len(named) == 1 else None

    def dates_in(self, folded: str) -> list[DateMention]:
        """The days named in a folded part of the burst."""
        return dates(folded, today=self.today, language=self.language)


def prepare(messages: Sequence[str], context: ReadingContext) -> Burst:
    """Cut, clean and tell the language of a burst; nothing is decided here but what counts as the supplier's words."""
    raw = "\n".join(messages)
    parts: list[Mail] = [
        split_mail(without_attacks(visible(message)), is_mail=context.channel == "email") for message in messages
    ]
    own = "\n".join(part.body for part in parts if part.body)
    subject = " ".join(part.subject for part in parts if part.subject)
    forwarded = "\n".join(part.forwarded for part in parts if part.forwarded)
    language = language_of(own if len(own.split()) > 2 else f"{own} {subject}", default=_last_language(context))
    written, spelled = spell_out(own, language=language)
    return Burst(
        raw=raw,
        subject=subject,
        forwarded=forwarded,
        own=written,
        spelled=spelled,
        language=language,
        alarms=alarms(raw, f"{subject}\n{own}"),
        context=context,
    )


def _last_language(context: ReadingContext) -> Language:
    return language_of(context.last_agent_message or "")
