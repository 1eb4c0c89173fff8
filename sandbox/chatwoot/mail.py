"""The mails of both ways as Chatwoot stores them (`mail_presenter.rb`, v4.16.2).

`text_content.quoted` is, in spite of its name, the mail without its quoted tail. Chatwoot's trimmer is good and not
perfect: what a mail's sender quotes in another way stays in, and a test says so with `trimmed`.
"""

import re
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

_QUOTE_BEGINS = re.compile(
    r"^\s*(on|el|em|le|am)\b.{0,200}\b(wrote|escribió|escreveu|a écrit|schrieb)\s*:\s*$", re.I | re.M | re.S
)
_SIGNATURE_BEGINS = re.compile(r"^-- ?$|^(sent from my|enviado desde mi|enviado do meu) ", re.I | re.M)
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"<br\s*/?>|</(p|div|tr|li|h\d)>", re.I)


class Mail(BaseModel):
    """What is special of one incoming mail, as the control route takes it.

    `sender`: who wrote it, if not the conversation's contact (someone else who answers in the thread). With `html` the mail
    has that HTML part, and no text part if it has no content. `trimmed` replaces what Chatwoot's own trimmer makes of the
    text. `original_sender` is what a mailing list puts into X-Original-Sender.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    auto_reply: bool = False
    html: str | None = None
    trimmed: str | None = None
    original_sender: str | None = None
    in_reply_to: str | None = None


def incoming_mail_attributes(
    content: str, mail: Mail, *, sender: str, mailbox: str, subject: str, message_id: str, answers: str | None, at: datetime
) -> dict[str, Any]:
    """`content_attributes` of a mail that came in."""
    html = mail.html or f'<div dir="ltr">{escaped(content)}</div>'
    text = {"full": content, "reply": content, "quoted": trimmed(content) if mail.trimmed is None else mail.trimmed}
    shown = content if mail.html is None else html_as_text(mail.html)
    headers = {"x-original-sender": mail.original_sender} if mail.original_sender else None
    return {
        "email": {
            "bcc": None,
            "cc": list(mail.cc) or None,
            "content_type": 'multipart/alternative; boundary="sandbox"' if content else "text/html; charset=UTF-8",
            "date": at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
            "from": [mail.sender or sender],
            "headers": headers,
            "html_content": {"full": html, "reply": shown, "quoted": trimmed(shown)},
            "in_reply_to": mail.in_reply_to or answers,
            "message_id": message_id,
            "multipart": bool(content),
            "number_of_attachments": 0,
            "references": [answers] if answers else [],
            "subject": subject,
            "text_content": text if content or mail.html is None else {},
            "to": list(mail.to) or [mailbox],
            "auto_reply": mail.auto_reply,
        },
        "cc_email": list(mail.cc) or None,
        "bcc_email": None,
    }


def outgoing_mail_attributes(content: str) -> dict[str, Any]:
    """`content_attributes` of a mail that goes out."""
    lines = [escaped(part).replace("\n", "<br>") for part in content.split("\n\n")]
    paragraphs = "".join(f"<p>{part}</p>\n" for part in lines)
    return {
        "cc_emails": [],
        "bcc_emails": [],
        "to_emails": [],
        "email": {
            "html_content": {"full": paragraphs, "reply": paragraphs},
            "text_content": {"full": content, "reply": content},
        },
    }


def trimmed(content: str) -> str:
    """The mail without quoted lines, what a quote's heading leads to, and a signature."""
    for mark in (_QUOTE_BEGINS, _SIGNATURE_BEGINS):
        found = mark.search(content)
        if found:
            content = content[: found.start()]
    return "\n".join(line for line in content.split("\n") if not line.startswith(">")).rstrip()


def html_as_text(html: str) -> str:
    """What Chatwoot makes readable of an HTML part, quotes and all."""
    spaced = _BLOCK_END.sub("\n", html)
    return _TAG.sub("", spaced).replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&").strip()


def escaped(text: str) -> str:
    """Text in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
