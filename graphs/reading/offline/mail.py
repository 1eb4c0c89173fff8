"""What of a mail its sender wrote now: without quoted history, forwards, and signature.

Only the new words may bind the company. Quoted and forwarded words are kept apart: the safety rules read them, and a
forward may tell of a delivery, but neither ever confirms, changes or cancels anything.
"""

import re

from domain.value import Value
from graphs.reading.offline.text import fold

_SUBJECT = re.compile(r"^\s*(?:asunto|subject|assunto)\s*:\s*(.*)$", re.I | re.M)
_HEADER = re.compile(r"^(?:de|from|enviado|enviado el|sent|fecha|data|date|asunto|subject|assunto|para|to|cc)\s*:")
_QUOTE_INTRO = re.compile(
    r"^(?:el\b.{4,120}\bescrib(?:io|e)\s*:|on\b.{4,120}\bwrote\s*:|em\b.{4,120}\bescreveu\s*:|le .{4,90} a ecrit\s*:)\s*$"
)
_ORIGINAL = re.compile(r"^[-_\s]*(?:mensaje original|original message|mensagem original)[-_\s]*$|^_{8,}\s*$")
_FORWARD = re.compile(r"^[-_\s]*(?:forwarded message|mensaje reenviado|mensagem encaminhada|begin forwarded message:?)[-_\s]*$")
_CLOSING = re.compile(
    r"^(?:muchos |muitos |con |com |with )?(?:saludos?|slds|sds|atte|att|atentamente|atenciosamente|cordialmente|"
    r"(?:un )?(?:cordial )?(?:saludo|abrazo)|(?:um )?abracos?|regards|(?:kind|best|warm) regards|best|cheers|sincerely|"
    r"yours(?: (?:truly|sincerely|faithfully))?|thanks|thank you|many thanks|gracias|muchas gracias|obrigad[oa]|grat[oa])"
    r"(?: (?:cordiales|cordiais|atentos|a todos|desde ya|de antemano|and regards|again))?\s*[,.!]*\s*$"
)
_INLINE_CLOSING = re.compile(
    r"(?:(?i:atte|atentamente|saludos|slds|regards|att|atenciosamente|cordialmente|gracias|thanks|obrigad[oa]))[.,:! -]+"
    r"(?:[A-ZÁÉÍÓÚÑÃÕÇ][\w.&áéíóúñãõç-]*\s*(?:(?:de|del|la|los|las|el|y|da|do|e|of|and|&)\s+)*){1,6}\s*$"
)
_SENT_FROM = re.compile(r"^(?:enviado desde mi|sent from my|enviado do meu|enviado desde)\b")
_POSTSCRIPT = re.compile(r"^(?:p\.?\s?[ds]\.?|posdata|nota|ojo|importante|note)\s*[:.]?\s")


class Mail(Value):
    """The parts of one text. For a chat message everything but `body` is normally empty."""

    subject: str = ""
    body: str = ""
    forwarded: str = ""
    quoted: str = ""
    signature: str = ""


def split_mail(text: str, *, is_mail: bool) -> Mail:
    """Cut `text` into its parts; the names that end a mail without a closing are cut only where `is_mail`."""
    subject = ""
    if match := _SUBJECT.match(text):
        subject, text = match.group(1).strip(), text[match.end() :]
    new, quoted, forwarded = _cut_history(text.split("\n"))
    body, signature = _cut_signature(new, is_mail=is_mail)
    if body:
        body = [*body[:-1], _without_inline_closing(body[-1])]
    return Mail(
        subject=subject,
        body="\n".join(body).strip(),
        forwarded="\n".join(forwarded).strip(),
        quoted="\n".join(quoted).strip(),
        signature="\n".join(signature).strip(),
    )


def _cut_history(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    new: list[str] = []
    quoted: list[str] = []
    for index, line in enumerate(lines):
        plain = fold(line).strip()
        rest = lines[index + 1 :]
        if _FORWARD.match(plain):
            body = [kept for kept in rest if not _HEADER.match(fold(kept).strip())]
            return new, quoted, body
        if _ORIGINAL.match(plain) or _starts_header_block(lines, index):
            return new, [*quoted, *rest], []
        joined = f"{plain} {fold(rest[0]).strip()}" if rest else plain
        if _QUOTE_INTRO.match(plain) or (_QUOTE_INTRO.match(joined) and not plain.startswith(">")):
            if not any(after.lstrip().startswith(">") for after in rest):
                return new, [*quoted, *rest], []
            continue
        (quoted if plain.startswith(">") else new).append(line)
    return new, quoted, []


def _starts_header_block(lines: list[str], index: int) -> bool:
    block = [fold(line).strip() for line in lines[index : index + 3]]
    return len(block) == 3 and block[0].startswith(("de:", "from:")) and all(_HEADER.match(line) for line in block)


def _cut_signature(lines: list[str], *, is_mail: bool) -> tuple[list[str], list[str]]:
    for index, line in enumerate(lines):
        plain = fold(line).strip()
        if index and (_CLOSING.match(plain) or plain == "--" or _SENT_FROM.match(plain)):
            rest = lines[index:]
            back = next((n for n, after in enumerate(rest) if n and _is_more_text(after)), None)
            if back is None:
                return lines[:index], rest
            return [*lines[:index], *rest[back:]], rest[:back]
    if is_mail:
        return _cut_bare_names(lines)
    return lines, []


def _without_inline_closing(line: str) -> str:
    """A last line without the closing and name that run on in it (`… aceptada. Atte., Envases Lota`)."""
    match = _INLINE_CLOSING.search(line)
    return line[: match.start()].rstrip(" ,") if match and match.start() else line


def _is_more_text(line: str) -> bool:
    """Whether a line below a closing is a postscript or running text, which a signature does not hold."""
    return bool(_POSTSCRIPT.match(fold(line).strip())) or len(line.split()) > 9


def _cut_bare_names(lines: list[str]) -> tuple[list[str], list[str]]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and lines[start - 1].strip():
        start -= 1
    if start == 0 or not all(_is_name(line) for line in lines[start:end]):
        return lines, []
    return lines[:start], lines[start:]


def _is_name(line: str) -> bool:
    words = line.split()
    capital = sum(word[:1].isupper() for word in words)
    return len(words) <= 6 and capital * 2 >= len(words) and not re.search(r"[\d$?:%]", line)
