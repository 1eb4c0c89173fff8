"""The readable text of a mail's HTML, in time linear in its length whatever a sender puts there.

The standard library's parser takes quadratic time on unfinished markup in some of the Python versions we run on, and intake
must answer within five seconds; hence a tokenizer of a few lines. It is for reading, not for showing: it keeps no markup.
"""

import html
import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_BLANKS = re.compile(r"\n{3,}")
# `html.unescape` fails on references of thousands of digits; no character has more than seven.
_ABSURD_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")

_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr"})
_HIDDEN = frozenset({"script", "style", "head", "title", "blockquote", "template"})
#: Classes of the blocks in which mail programs put what they quote, its heading, and signatures.
_NOT_NEW = re.compile(
    r"\b(gmail_quote|gmail_signature|yahoo_quoted|protonmail_quote|moz-cite-prefix|moz-signature|zmail_extra"
    r"|ms-outlook-mobile-signature)"
)
#: Outlook marks where the earlier mail begins, and puts nothing around it.
_EARLIER_MAIL = re.compile(r"\b(divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)\b")


def html_to_text(markup: str) -> str:
    """The text, a new line for each block; without scripts, styles, comments and quoted mail."""
    pieces: list[str] = []
    hiding, depth, position = "", 0, 0
    markup = _DECLARATION.sub("", _without_comments(markup))
    for tag in _TAG.finditer(markup):
        if not hiding:
            pieces.append(_words(markup[position : tag.start()]))
        position = tag.end()
        if _EARLIER_MAIL.search(tag[3]):
            hiding = hiding or "everything"
            break
        closing, name, attributes = tag[1] == "/", tag[2].lower(), tag[3]
        if hiding:
            if name == hiding:
                depth += -1 if closing else 1
                hiding = hiding if depth else ""
        elif not closing and (name in _HIDDEN or (name == "div" and _NOT_NEW.search(attributes))):
            hiding, depth = name, 1
        elif name in _BLOCKS:
            pieces.append("\n")
    if not hiding:
        pieces.append(_words(markup[position:]))
    lines = [" ".join(line.split()) for line in "".join(pieces).split("\n")]
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def _without_comments(markup: str) -> str:
    first, *others = markup.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _words(text: str) -> str:
    """Line breaks in the source mean nothing; those that are shown come from tags."""
    spaced = text.replace("\r", " ").replace("\n", " ")
    return html.unescape(_ABSURD_REFERENCE.sub("", spaced))
