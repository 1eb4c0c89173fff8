"""What `po-agent check` asks of Chatwoot: tokens and their rights, and the webhook, without which nothing is ever heard.

Nothing is written there. What each answer means is of v4.16's sources (`access_token_auth_helper.rb`,
`webhooks_controller.rb`, `lib/safe_fetch.rb`).
"""

import asyncio
import hmac
import ipaddress
import socket
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from po_agent.findings import Doubtful, NotInOrder
from po_agent.settings import Settings
from webhook_bridge.chatwoot.answers import Inbox, Profile, Webhook
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import ChatwootMisconfigured, ChatwootNotFound, ChatwootUnavailable
from webhook_bridge.routes.webhook import PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What intake understands and needs. Without one of these something is never heard, or never known to have arrived.
NEEDED_EVENTS = ("message_created", "message_updated", "conversation_status_changed", "conversation_updated")

#: Tells who has a new Chatwoot conversation before anything is said in it.
USEFUL_EVENTS = ("conversation_created",)

_CLOSED_TO_BOTS = "not authorized for bots"


@asynccontextmanager
async def _client(settings: Settings, token: str) -> "AsyncIterator[ChatwootClient]":
    client = ChatwootClient(base_url=_url(settings), api_token=token)
    try:
        yield client
    except ChatwootUnavailable as error:
        advice = "start it with `make run`" if settings.has_sandbox_chatwoot else "see whether CHATWOOT_BASE_URL is right"
        raise NotInOrder(f"{_url(settings)} does not answer: {advice}. {error.detail}") from error
    finally:
        await client.aclose()


async def check_user_token(settings: Settings) -> str:
    """CHATWOOT_API_KEY reads: it is known, in the account, and sees every inbox that is listened to."""
    async with _client(settings, settings.chatwoot_api_key.get_secret_value()) as client:
        profile = await _profile(client, settings)
        role = _role(profile, settings)
        inboxes = await client.list_inboxes(account_id=_account(settings))
        heard = _heard(settings, inboxes)
        for inbox in heard:
            await client.list_conversations(account_id=_account(settings), inbox_id=inbox.id)
    if not heard:
        raise NotInOrder(f"{profile.name} sees no inbox: add the user to those that the agent shall hear, in Chatwoot.")
    listened = ", ".join(f"{inbox.name} ({inbox.id})" for inbox in heard)
    return f"{_url(settings)}, as {profile.name} ({role}); it hears {listened}"


async def check_bot_token(settings: Settings) -> str:
    """CHATWOOT_BOT_TOKEN writes: it is a bot's, of this account. Found out by what it may not do, so that nothing is posted."""
    if settings.chatwoot_bot_token is None:
        return "not set: replies are written as the user of CHATWOOT_API_KEY"
    async with _client(settings, settings.chatwoot_bot_token.get_secret_value()) as client:
        try:
            await client.list_inboxes(account_id=_account(settings))
        except ChatwootMisconfigured as error:
            if _CLOSED_TO_BOTS not in error.detail:
                raise NotInOrder(f"CHATWOOT_BOT_TOKEN is refused; copy the bot's access token again. {error.detail}") from error
        else:
            raise Doubtful("CHATWOOT_BOT_TOKEN is a user's token: replies are shown as that person's. Use an agent bot's.")
        try:
            # There is none of this number. Whoever may post in the account is told so; a stranger is refused before that.
            await client.get_conversation(account_id=_account(settings), conversation_id=0)
        except ChatwootNotFound:
            pass
        except ChatwootMisconfigured as error:
            if _CLOSED_TO_BOTS not in error.detail:
                raise NotInOrder(
                    f"The agent bot does not belong to account {_account(settings)}; make one there. {error.detail}"
                ) from error
    return "an agent bot's: replies are shown as the bot's"


async def check_webhook(settings: Settings) -> str:
    """An account webhook posts to us, with the events that matter, and signs with a secret that we know."""
    async with _client(settings, settings.chatwoot_api_key.get_secret_value()) as client:
        try:
            webhooks = await client.list_webhooks(account_id=_account(settings))
        except ChatwootMisconfigured as error:
            raise Doubtful(
                "Only administrators may list webhooks, and CHATWOOT_API_KEY is not one's. See for yourself in Settings → "
                f"Integrations → Webhooks: one posts to {PATH} of our address, with {', '.join(NEEDED_EVENTS)}."
            ) from error
    ours = [webhook for webhook in webhooks if urlsplit(webhook.url).path.rstrip("/") == PATH]
    if not ours:
        _none_posts_to_us(settings)
    return await _best_of(ours, settings)


async def _best_of(webhooks: Sequence[Webhook], settings: Settings) -> str:
    """One in order is enough: another with the same path may be that of another bridge, such as staging's."""
    faults: list[NotInOrder] = []
    doubts: list[Doubtful] = []
    for webhook in webhooks:
        try:
            return await _judged(webhook, settings)
        except NotInOrder as fault:
            faults.append(fault)
        except Doubtful as doubt:
            doubts.append(doubt)
    raise (*doubts, *faults)[0]


def _none_posts_to_us(settings: Settings) -> None:
    advice = (
        f"make one in Settings → Integrations → Webhooks, to {PATH} of an address of ours that Chatwoot can reach, "
        f"with {', '.join((*NEEDED_EVENTS, *USEFUL_EVENTS))}"
    )
    if settings.chatwoot_bot_token is not None:
        raise Doubtful(f"No account webhook posts to us. If the agent bot's own webhook does, that is enough; else {advice}.")
    raise NotInOrder(f"No account webhook posts to us, so nothing is heard: {advice}.")


async def _judged(webhook: Webhook, settings: Settings) -> str:
    missing = [event for event in NEEDED_EVENTS if event not in webhook.subscriptions]
    if missing:
        raise NotInOrder(f"The webhook to {webhook.url} lacks {', '.join(missing)}: tick them in Chatwoot.")
    if webhook.secret is not None and not _is_known(webhook.secret, settings):
        raise NotInOrder(
            f"The webhook to {webhook.url} signs with a secret that is not in CHATWOOT_WEBHOOK_SECRETS: all it sends is "
            "refused. Copy its secret from Chatwoot (comma-separated, if there are several)."
        )
    doubts = []
    if webhook.secret is None and not settings.chatwoot_allow_unsigned:
        doubts.append("it shows no secret; a server before 4.11.2 does not sign, and what is unsigned is refused")
    if lacking := [event for event in USEFUL_EVENTS if event not in webhook.subscriptions]:
        doubts.append(f"it lacks {', '.join(lacking)}, so who has a new conversation is known only with its first message")
    if not settings.has_sandbox_chatwoot and await asyncio.to_thread(is_private, webhook.url):
        doubts.append(
            "its address is a private one, which Chatwoot refuses from 4.14 on: give the bridge a public address, or set "
            "SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true on the Chatwoot side (4.14.1 and later)"
        )
    if doubts:
        raise Doubtful(f"The webhook to {webhook.url}: {'; '.join(doubts)}.")
    return f"{webhook.url}, with all events that matter" + ("" if webhook.secret is None else ", signed with a secret of ours")


def is_private(url: str) -> bool:
    """Whether the host is one that has no public address, as it resolves here. Blocking. False if it does not resolve here."""
    try:
        found = socket.getaddrinfo(urlsplit(url).hostname, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return False
    return not any(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found)


def _is_known(secret: str, settings: Settings) -> bool:
    known = [ours.get_secret_value() for ours in settings.chatwoot_webhook_secrets]
    return any(hmac.compare_digest(secret.encode(), ours.encode()) for ours in known)


async def _profile(client: ChatwootClient, settings: Settings) -> Profile:
    try:
        return await client.profile()
    except ChatwootMisconfigured as error:
        raise NotInOrder(f"CHATWOOT_API_KEY is refused; copy the user's access token again. {error.detail}") from error


def _role(profile: Profile, settings: Settings) -> str:
    for account in profile.accounts:
        if account.id == _account(settings):
            return account.role or "member"
    raise NotInOrder(f"{profile.name} is not in account {_account(settings)}: see CHATWOOT_ACCOUNT_ID.")


def _heard(settings: Settings, inboxes: Sequence[Inbox]) -> list[Inbox]:
    missing = settings.chatwoot_inbox_ids - {inbox.id for inbox in inboxes}
    if missing:
        raise NotInOrder(f"The token's user does not see inboxes {sorted(missing)}: add the user to them in Chatwoot.")
    return [inbox for inbox in inboxes if not settings.chatwoot_inbox_ids or inbox.id in settings.chatwoot_inbox_ids]


def _url(settings: Settings) -> str:
    return settings.chatwoot_base_url or f"{settings.home}/sandbox/chatwoot"


def _account(settings: Settings) -> int:
    return settings.chatwoot_account_id or 1
