"""Chatwoot's refusals, with its status codes and its exact bodies (`facts` are those of v4.16.2)."""

from typing import Any

from starlette.responses import JSONResponse


class Refusal(Exception):
    """A request is refused with this status and body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body

    def answer(self) -> JSONResponse:
        """The HTTP answer."""
        return JSONResponse(self.body, status_code=self.status)


def no_token() -> Refusal:
    """No token at all: devise answers."""
    return Refusal(401, {"errors": ["You need to sign in or sign up before continuing."]})


def invalid_token() -> Refusal:
    """A token nobody has."""
    return Refusal(401, {"error": "Invalid Access Token"})


def closed_to_bots() -> Refusal:
    """A bot's token outside `BOT_ACCESSIBLE_ENDPOINTS`."""
    return Refusal(401, {"error": "Access to this endpoint is not authorized for bots"})


def wrong_account(*, bot: bool) -> Refusal:
    """Another account than the token's."""
    if bot:
        return Refusal(401, {"error": "Bot is not authorized to access this account"})
    return Refusal(401, {"error": "You are not authorized to access this account"})


def not_found() -> Refusal:
    """No such record."""
    return Refusal(404, {"error": "Resource could not be found"})


def unprocessable(error: str) -> Refusal:
    """422 with one sentence, as the messages controller gives it."""
    return Refusal(422, {"error": error})


def record_invalid(message: str, attribute: str) -> Refusal:
    """422 of ActiveRecord's RecordInvalid, everywhere but in messages."""
    return Refusal(422, {"message": message, "attributes": [attribute]})


def status_update_elsewhere() -> Refusal:
    """PATCH of a message outside an API inbox."""
    return Refusal(403, {"error": "Message status update is only allowed for API inboxes"})
