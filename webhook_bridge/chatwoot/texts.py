"""What a supplier newly said in a message: never what was quoted, never markup.

Quoted words are mostly our own, and reading them as the supplier's could confirm an order that nobody confirmed.
Chatwoot trims mails itself (`text_content.quoted` is the mail *without* its quoted tail: `mail_presenter.rb`), but not all;
so we cut what is left at the usual marks, and rather too much than too little.
"""

import re
from typing import Any

from webhook_bridge.chatwoot.html_text import html_to_text

# Anchored to line starts and bounded in length: time stays linear whatever a sender puts into a mail.
_QUOTE_STARTS = re.compile(
    r"""
    ^[ \t]*(
      # On Wed, Jul 29, 2026 at 9:00 AM Example Support <support@example.com> wrote:
      (on|el|en|em|no[ ]dia|le|am)\b[^\n]{0,200}\b(wrote|escribi[oó]|escreveu|a[ ]écrit|schrieb)[ \t]*:[ \t]*$
      # The same over two lines, or three of which the last has an address. A line of the supplier's own above it is none:
      # a heading has a date, and does not begin twice.
    | (on|el|en|em|no[ ]dia|le|am)\b(?=[^\n]{0,200}[0-9])[^\n]{0,200}\n(?![ \t]*(on|el|en|em|no[ ]dia|le|am)\b)
      ([^\n]{1,100}\n(?=[^\n]{0,100}@)(?![ \t]*(on|el|en|em|no[ ]dia|le|am)\b))?
      [^\n]{0,100}\b(wrote|escribi[oó]|escreveu|a[ ]écrit|schrieb)[ \t]*:[ \t]*$
      # ---- El lun, 03 nov 2025 10:00:00 -0300 Compras <compras@example.com> escribió ----
    | -{2,}[ \t]*(on|el|em)\b[^\n]{0,200}\b(wrote|escribi[oó]|escreveu)[ \t]*-{2,}[ \t]*$
      # 2025-11-03 10:00 GMT-03:00 Compras <compras@example.com>:
    | [0-9]{4}-[0-9]{2}-[0-9]{2}[ ][^\n]{0,150}@[^\n]{1,100}>:[ \t]*$
      # -----Original Message-----
    | -{2,}[ \t]*(original|forwarded)[ ]message[ \t]*-{2,}[ \t]*$
    | -{2,}[ \t]*(mensaje|mensagem)[ ](original|reenviado|encaminhada)[ \t]*-{2,}[ \t]*$
    | (begin[ ]forwarded[ ]message|inicio[ ]del[ ]mensaje[ ]reenviado|início[ ]da[ ]mensagem[ ]encaminhada)[ \t]*:[ \t]*$
      # From: …, Sent: … (Outlook; a rule above it or not, an empty line between or not)
    | (_{10,}[ \t]*\n[ \t]*)?\*{0,2}(from|de|von)[ \t]*:\*{0,2}[ \t][^\n]{1,300}\n(?:[ \t]*\n)?
      [ \t]*\*{0,2}(sent|date|to|enviad[oa]([ ]e[lm])?|fecha|data|para)[ \t]*:
    )
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SIGNATURE_MARK = re.compile(r"^--[ \u00a0]?$", re.MULTILINE)
# What a phone or program puts under a mail; below it there is nothing but what is quoted.
_DEVICE_MARK = re.compile(
    r"""
    ^[ \t]*(
      sent[ ]from[ ](my|mail|outlook|yahoo)
    | get[ ]outlook[ ]for
    | (enviado|enviada)[ ](desde|do|pelo|a[ ]partir[ ]do)[ ](mi|meu|outlook|yahoo|gmail|correo|mail|e-mail)
    | (obtener|obtén|obter|baixar|descargar)[ ](o[ ])?outlook[ ]para
    )\b[^\n]{0,120}$
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$\n?", re.MULTILINE)
_MARKUP = re.compile(r"<(html|body|div|p|br|span|table)\b", re.IGNORECASE)


def supplier_text(content: str | None, attributes: dict[str, Any]) -> str:
    """The words of an incoming message: a mail's new part, else `content`, else "" (Chatwoot sends null for media)."""
    mail = attributes.get("email")
    if not isinstance(mail, dict):
        return content or ""
    text = _mail_text(mail)
    return without_quotes(_readable(content or "")) if text is None else text


def submitted_text(attributes: dict[str, Any]) -> str:
    """What was chosen or filled in, in answer to a question with choices or a form; "" if nothing readable.

    The widget submits a list of `{title, value}` (a choice) or `{name, value}` (a form's fields).
    """
    submitted = attributes.get("submitted_values")
    items = attributes.get("items")
    labels = {item.get("name"): item.get("label") for item in (items if isinstance(items, list) else []) if _is_field(item)}
    answers = []
    for entry in submitted if isinstance(submitted, list) else []:
        if not isinstance(entry, dict):
            continue
        title, name, value = entry.get("title"), entry.get("name"), entry.get("value")
        if isinstance(title, str) and title:
            answers.append(title)
        elif isinstance(name, str) and name:
            answers.append(f"{labels.get(name) or name}: {_scalar(value)}")
        elif _scalar(value):
            answers.append(_scalar(value))
    return "\n".join(answers)


def without_quotes(text: str) -> str:
    """`text` up to where an earlier mail or the signature begins, without lines that start with ">"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in (_QUOTE_STARTS, _SIGNATURE_MARK, _DEVICE_MARK):
        found = mark.search(text)
        if found:
            text = text[: found.start()]
    return _QUOTED_LINE.sub("", text).strip()


def _mail_text(mail: dict[str, Any]) -> str | None:
    """None if the mail object has no readable body at all; "" if all of it was quoted."""
    text, html = _part(mail, "text_content"), _part(mail, "html_content")
    if plain := _body(text, "reply") or _body(text, "full") or _body(text, "quoted"):
        trimmed = text.get("quoted")
        # Chatwoot's trimmer knows fewer languages and programs than our suppliers use.
        return without_quotes(trimmed if isinstance(trimmed, str) else plain)
    # A mail of HTML only. Chatwoot trims what it made readable of it, but leaves more of the tail there.
    if body := _body(html, "quoted") or _body(html, "reply") or _body(html, "full"):
        return without_quotes(_readable(body))
    return None


def _readable(body: str) -> str:
    return html_to_text(body) if _MARKUP.search(body) else body


def _part(mail: dict[str, Any], name: str) -> dict[str, Any]:
    part = mail.get(name)
    return part if isinstance(part, dict) else {}


def _body(part: dict[str, Any], name: str) -> str:
    body = part.get(name)
    return body if isinstance(body, str) and body.strip() else ""


def _is_field(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("label"), str)


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
