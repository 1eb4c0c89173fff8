"""What a message brings along: files that the stand-in really serves, places and contact cards (`attachment.rb`, v4.16.2)."""

import base64
import mimetypes
import secrets
from typing import Any

from sandbox.chatwoot.errors import unprocessable
from sandbox.chatwoot.records import Attachment, Message, StoredFile
from sandbox.chatwoot.sandbox import ChatwootSandbox

FILES = "/rails/active_storage"
_SERVED = ("image", "audio", "video", "file")


async def make_attachment(sandbox: ChatwootSandbox, given: dict[str, Any], *, base_url: str) -> Attachment:
    """One attachment out of what the control route was given. Raise `Refusal` (422).

    `{type, …}`: image, audio, video, file with `name`, `text` or `base64`, and maybe `content_type`, `file_size` (told, if
    not the real one), `redirect` (where the file's address leads instead of to the stand-in's storage), `missing`;
    location with `latitude`, `longitude`, `title`; contact with `phone`, `first_name`, `last_name`; fallback with `title`,
    `url`. `base_url` is the stand-in's address, below which files are served.
    """
    kind = given.get("type", "file")
    attachment = Attachment(id=sandbox.store.next_id(Attachment), file_type=kind)
    if kind in _SERVED:
        await _store_file(sandbox, attachment, given, base_url=base_url)
    elif kind == "location":
        attachment.latitude, attachment.longitude = float(given["latitude"]), float(given["longitude"])
        attachment.fallback_title = given.get("title")
    elif kind == "contact":
        attachment.fallback_title = given.get("phone")
        attachment.card = {"firstName": given.get("first_name", ""), "lastName": given.get("last_name", "")}
    elif kind == "fallback":
        attachment.fallback_title, attachment.data_url = given.get("title"), given.get("url")
    else:
        raise unprocessable(f"There is no attachment of type {kind!r}.")
    return attachment


def attachment_push(sandbox: ChatwootSandbox, message: Message, attachment: Attachment) -> dict[str, Any]:
    """`push_event_data`: the same in webhooks and REST."""
    common = {
        "id": attachment.id,
        "message_id": message.id,
        "file_type": attachment.file_type,
        "account_id": sandbox.config.account_id,
    }
    match attachment.file_type:
        case "location":
            place = {"coordinates_lat": attachment.latitude, "coordinates_long": attachment.longitude}
            return common | place | {"fallback_title": attachment.fallback_title, "data_url": None}
        case "contact":
            return common | {"fallback_title": attachment.fallback_title, "meta": attachment.card}
        case "fallback":
            return common | {"fallback_title": attachment.fallback_title, "data_url": attachment.data_url}
    file = {
        "extension": attachment.extension,
        "content_type": attachment.content_type,
        "data_url": attachment.data_url,
        "thumb_url": attachment.thumb_url,
        "file_size": attachment.file_size,
        "width": attachment.width,
        "height": attachment.height,
    }
    spoken = {"transcribed_text": attachment.transcribed_text} if attachment.file_type == "audio" else {}
    return common | file | spoken


def with_attachments(sandbox: ChatwootSandbox, message: Message, payload: dict[str, Any]) -> dict[str, Any]:
    """`payload` with the key `attachments`, which is absent where there are none."""
    if not message.attachments:
        return payload
    return payload | {"attachments": [attachment_push(sandbox, message, each) for each in message.attachments]}


async def _store_file(sandbox: ChatwootSandbox, attachment: Attachment, given: dict[str, Any], *, base_url: str) -> None:
    name = str(given.get("name") or f"{attachment.file_type}.bin")
    content = base64.b64decode(given["base64"], validate=True) if "base64" in given else str(given.get("text", "")).encode()
    content_type = given.get("content_type") or mimetypes.guess_type(name)[0] or "application/octet-stream"
    stored = StoredFile(
        id=sandbox.store.next_id(StoredFile),
        key=secrets.token_urlsafe(18),
        name=name,
        content_type=content_type,
        content=base64.b64encode(content).decode(),
        redirect=given.get("redirect"),
        missing=given.get("missing") is True,
    )
    await sandbox.store.save(stored)
    inline = "?disposition=inline" if attachment.file_type == "audio" else ""
    attachment.extension = name.rpartition(".")[2] if "." in name else None
    attachment.content_type = content_type
    attachment.data_url = f"{base_url}{FILES}/blobs/redirect/{stored.key}/{name}{inline}"
    attachment.file_size = given.get("file_size", len(content))
    if attachment.file_type == "image":
        attachment.thumb_url = f"{base_url}{FILES}/representations/redirect/{stored.key}/{name}"
        attachment.width, attachment.height = given.get("width", 1280), given.get("height", 960)
