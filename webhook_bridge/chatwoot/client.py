"""Chatwoot's REST API, as far as the bridge needs it: one attempt a call, and every failure with a name.

Nothing is tried again here. Chatwoot has no idempotency, so only who knows the outbox can tell whether a second POST is
right. The user's token reads and handles contacts (an agent bot may do neither); the bot's token, if there is one,
writes, so that what we write is shown as the bot's (`access_token_auth_helper.rb`).
"""

from collections.abc import Mapping
from typing import Any, Literal

import httpx

from domain.identity import normal_email, normal_phone
from webhook_bridge.chatwoot.answers import (
    Contact,
    ContactInbox,
    ConversationState,
    CreatedContact,
    CreatedConversation,
    Inbox,
    ListedMessage,
    Profile,
    StatusAnswer,
    Webhook,
)
from webhook_bridge.chatwoot.escape_liquid import escape_liquid
from webhook_bridge.chatwoot.events import ConversationStatus
from webhook_bridge.chatwoot.failures import ChatwootRejected
from webhook_bridge.chatwoot.limits import MESSAGES_PER_MINUTE, REQUESTS_PER_MINUTE
from webhook_bridge.chatwoot.message_events import DELIVERY_KEY
from webhook_bridge.chatwoot.transport import Transport, inside, read_as

MAX_CONTENT = 150_000
"""Characters of one message (`message.rb`)."""

_SEARCH_PAGES = 10
"""Pages of 15 that a contact search reads: it matches parts of words, so the right contact may come late."""


class ChatwootClient:
    """Speaks to one Chatwoot, for any of its accounts. Any method may raise the errors of `failures.py`."""

    def __init__(
        self,
        *,
        base_url: str,
        api_token: str,
        bot_token: str | None = None,
        timeout_seconds: float = 10.0,
        http: httpx.AsyncClient | None = None,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        messages_per_minute: int = MESSAGES_PER_MINUTE,
    ) -> None:
        """`api_token` is a user's. `http` stays its owner's to close; without it one is made for each event loop.

        Beyond the requests a minute, and the messages a minute in one conversation, a call waits before it is made.
        """
        self._http = Transport(
            base_url=base_url,
            timeout_seconds=timeout_seconds,
            http=http,
            requests_per_minute=requests_per_minute,
            messages_per_minute=messages_per_minute,
        )
        self._user_token = api_token
        self._writer_token = bot_token or api_token

    async def aclose(self) -> None:
        """Close the connections of the present event loop."""
        await self._http.aclose()

    async def create_message(
        self,
        *,
        account_id: int,
        conversation_id: int,
        content: str,
        delivery_key: str | None = None,
        private: bool = False,
        template_params: Mapping[str, Any] | None = None,
    ) -> ListedMessage:
        """Write to the supplier, or a note to the team if `private`. Liquid in `content` is shown, not rendered.

        `delivery_key` comes back in the answer, in `list_messages` and in webhooks. Accepted does not mean delivered.
        `template_params` names an approved WhatsApp template and what fills it; Chatwoot renders Liquid in it.
        """
        text = escape_liquid(content)
        if not text.strip() or len(text) > MAX_CONTENT:
            raise ChatwootRejected(f"A message has 1 to {MAX_CONTENT} characters; this one has {len(text.strip())}.")
        body: dict[str, Any] = {"content": text, "message_type": "outgoing", "private": private}
        if delivery_key:
            # Never as `source_id`: Chatwoot would take the message as coming from the channel, and not deliver it.
            body |= {"content_attributes": {DELIVERY_KEY: delivery_key}, "echo_id": delivery_key}
        if template_params:
            body["template_params"] = template_params
        await self._http.limits().message(account_id=account_id, conversation_id=conversation_id)
        answer = await self._in_conversation(account_id, conversation_id, "messages", body)
        return read_as(ListedMessage, answer)

    async def list_messages(
        self, *, account_id: int, conversation_id: int, after: int | None = None, before: int | None = None
    ) -> tuple[ListedMessage, ...]:
        """Messages in order of time, notes and log lines among them.

        By default the newest 20; up to 100 after the id `after`; up to 20 before the id `before`; with both, up to
        1000 from `after` (inclusive) to `before`.
        """
        path = f"/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages"
        answer = await self._http.get(path, token=self._user_token, after=after, before=before)
        return read_as(tuple[ListedMessage, ...], inside(answer, "payload"))

    async def get_conversation(self, *, account_id: int, conversation_id: int) -> ConversationState:
        """The conversation as it is now."""
        path = f"/api/v1/accounts/{account_id}/conversations/{conversation_id}"
        return read_as(ConversationState, await self._http.get(path, token=self._user_token))

    async def list_conversations(
        self,
        *,
        account_id: int,
        status: ConversationStatus | Literal["all"] = "all",
        inbox_id: int | None = None,
        page: int = 1,
    ) -> tuple[ConversationState, ...]:
        """One page of 25, the latest activity first; an empty one after the last."""
        answer = await self._http.get(
            f"/api/v1/accounts/{account_id}/conversations",
            token=self._user_token,
            status=status,
            assignee_type="all",
            inbox_id=inbox_id,
            page=page,
        )
        return read_as(tuple[ConversationState, ...], inside(answer, "data", "payload"))

    async def conversations_of(self, *, account_id: int, contact_id: int) -> tuple[ConversationState, ...]:
        """The contact's 20 conversations with the latest activity, over all inboxes, the latest first."""
        path = f"/api/v1/accounts/{account_id}/contacts/{contact_id}/conversations"
        return read_as(tuple[ConversationState, ...], inside(await self._http.get(path, token=self._user_token), "payload"))

    async def search_contacts(
        self, *, account_id: int, phone: str | None = None, email: str | None = None, identifier: str | None = None
    ) -> tuple[Contact, ...]:
        """Contacts with exactly this phone (E.164), e-mail or identifier; give one of them.

        Chatwoot matches any part of a name or number, so each hit is checked. People known only by a WhatsApp user
        name are not found at all (chatwoot#15586).
        """
        wanted = phone or email or identifier
        if not wanted:
            raise ValueError("Give a phone, an email or an identifier.")
        path = f"/api/v1/accounts/{account_id}/contacts/search"
        found: list[Contact] = []
        for page in range(1, _SEARCH_PAGES + 1):
            answer = await self._http.get(path, token=self._user_token, q=wanted, page=page)
            hits = read_as(tuple[Contact, ...], inside(answer, "payload"))
            found += [hit for hit in hits if _is_the_one(hit, phone=phone, email=email, identifier=identifier)]
            if not hits or not inside(answer, "meta", "has_more"):
                break
        return tuple(found)

    async def create_contact(
        self,
        *,
        account_id: int,
        inbox_id: int,
        name: str,
        phone: str | None = None,
        email: str | None = None,
        identifier: str | None = None,
    ) -> CreatedContact:
        """A new contact on an inbox. Phone in E.164; a phone, e-mail or identifier in use is `ChatwootRejected`."""
        given = {"phone_number": phone, "email": email, "identifier": identifier}
        body = {"inbox_id": inbox_id, "name": name} | {key: value for key, value in given.items() if value}
        answer = await self._http.post(f"/api/v1/accounts/{account_id}/contacts", token=self._user_token, body=body)
        return read_as(CreatedContact, inside(answer, "payload"))

    async def create_contact_inbox(
        self, *, account_id: int, contact_id: int, inbox_id: int, source_id: str | None = None
    ) -> ContactInbox:
        """Make a contact known on one more inbox; without `source_id` Chatwoot derives it from phone or e-mail."""
        path = f"/api/v1/accounts/{account_id}/contacts/{contact_id}/contact_inboxes"
        body = {"inbox_id": inbox_id} | ({"source_id": source_id} if source_id else {})
        return read_as(ContactInbox, await self._http.post(path, token=self._user_token, body=body))

    async def create_conversation(
        self,
        *,
        account_id: int,
        inbox_id: int,
        contact_id: int,
        source_id: str,
        status: Literal["open", "pending"] | None = None,
    ) -> CreatedConversation:
        """Open a conversation with a contact, `source_id` being how the inbox knows them.

        Without `status` Chatwoot decides: pending where a bot has the inbox, else open.
        """
        path = f"/api/v1/accounts/{account_id}/conversations"
        body = {"source_id": source_id, "inbox_id": inbox_id, "contact_id": contact_id}
        answer = await self._http.post(path, token=self._writer_token, body=body | ({"status": status} if status else {}))
        return read_as(CreatedConversation, answer)

    async def toggle_status(self, *, account_id: int, conversation_id: int, status: ConversationStatus) -> ConversationStatus:
        """Set the status and return it. With a bot's token, pending → open hands the conversation over to people."""
        answer = await self._in_conversation(account_id, conversation_id, "toggle_status", {"status": status})
        return read_as(StatusAnswer, inside(answer, "payload")).current_status

    async def toggle_typing(self, *, account_id: int, conversation_id: int, typing: bool) -> None:
        """Show or hide "… is typing" in widget and dashboard; WhatsApp does not show it."""
        body = {"typing_status": "on" if typing else "off", "is_private": False}
        await self._in_conversation(account_id, conversation_id, "toggle_typing_status", body)

    async def assign(
        self,
        *,
        account_id: int,
        conversation_id: int,
        user_id: int | None = None,
        team_id: int | None = None,
        bot_id: int | None = None,
    ) -> None:
        """Assign to a user, a team or an agent bot; give one of them."""
        choices: list[tuple[int | None, dict[str, Any]]] = [
            (user_id, {"assignee_id": user_id}),
            (team_id, {"team_id": team_id}),
            (bot_id, {"assignee_id": bot_id, "assignee_type": "AgentBot"}),
        ]
        bodies = [body for given, body in choices if given is not None]
        if len(bodies) != 1:
            raise ValueError("Give a user, a team or a bot.")
        await self._in_conversation(account_id, conversation_id, "assignments", bodies[0])

    async def add_label(self, *, account_id: int, conversation_id: int, label: str) -> None:
        """Label the conversation, if it does not bear the label. Chatwoot takes the whole set only, so it is read first."""
        path = f"/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels"
        present = read_as(tuple[str, ...], inside(await self._http.get(path, token=self._user_token), "payload"))
        if label not in present:
            await self._http.post(path, token=self._user_token, body={"labels": [*present, label]})

    async def list_inboxes(self, *, account_id: int) -> tuple[Inbox, ...]:
        """The inboxes that the token's user may see."""
        answer = await self._http.get(f"/api/v1/accounts/{account_id}/inboxes", token=self._user_token)
        return read_as(tuple[Inbox, ...], inside(answer, "payload"))

    async def list_webhooks(self, *, account_id: int) -> tuple[Webhook, ...]:
        """The account webhooks. Administrators only: with any other user's token it raises `ChatwootMisconfigured`."""
        answer = await self._http.get(f"/api/v1/accounts/{account_id}/webhooks", token=self._user_token)
        # Its description says a list; what it answers is `payload.webhooks` (`webhooks/index.json.jbuilder`).
        return read_as(tuple[Webhook, ...], answer if isinstance(answer, list) else inside(answer, "payload", "webhooks"))

    async def profile(self) -> Profile:
        """Whose token it is, and in which accounts: proof that address and token are right."""
        return read_as(Profile, await self._http.get("/api/v1/profile", token=self._user_token))

    async def _in_conversation(self, account_id: int, conversation_id: int, what: str, body: dict[str, Any]) -> Any:
        path = f"/api/v1/accounts/{account_id}/conversations/{conversation_id}/{what}"
        return await self._http.post(path, token=self._writer_token, body=body)


def _is_the_one(contact: Contact, *, phone: str | None, email: str | None, identifier: str | None) -> bool:
    if phone:
        return normal_phone(phone) is not None and normal_phone(contact.phone_number) == normal_phone(phone)
    if email:
        return normal_email(email) is not None and normal_email(contact.email) == normal_email(email)
    return contact.identifier == identifier
