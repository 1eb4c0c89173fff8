"""`po-agent check`: is everything there that the product needs, and what to do about what is not."""

from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy import text

from domain.errors import AgentError
from domain.value import Value
from po_agent.composition import make_odoo
from po_agent.database import attached_database
from po_agent.settings import Settings
from storage.engine import Database
from storage.migrate import current_revision, head_revision
from webhook_bridge.chatwoot.client import ChatwootClient
from webhook_bridge.chatwoot.failures import ChatwootUnavailable
from webhook_bridge.routes.webhook import PATH


class NotInOrder(AgentError):
    """Mend this and check again:"""

    code = "not_in_order"


class Finding(Value):
    """One question and its answer."""

    name: str
    ok: bool
    detail: str


async def check_all(settings: Settings) -> list[Finding]:
    """Ask everything; a question that fails does not keep the others from being asked. The settings were checked before."""
    questions: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "database": _database,
        "langgraph": _langgraph,
        "chatwoot": _chatwoot,
        "odoo": _odoo,
    }
    findings = [Finding(name="settings", ok=True, detail=f"{settings.environment}, mode {settings.mode}")]
    for name, question in questions.items():
        try:
            findings.append(Finding(name=name, ok=True, detail=await question(settings)))
        except AgentError as error:
            findings.append(Finding(name=name, ok=False, detail=str(error)))
        except Exception as error:
            # Drivers raise what they like; what matters here is that a person is told which part is down.
            findings.append(Finding(name=name, ok=False, detail=f"{type(error).__name__}: {error}"))
    return findings


async def _database(settings: Settings) -> str:
    with attached_database(settings) as url:
        database = Database(url)
        try:
            await database.ping()
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
        finally:
            await database.close()
        present, wanted = current_revision(url), head_revision()
    if present != wanted:
        raise NotInOrder(f"The database is at revision {present}, this program needs {wanted}: run `po-agent migrate`.")
    return f"{'PostgreSQL' if not database.is_sqlite else 'SQLite'}, revision {present}"


async def _langgraph(settings: Settings) -> str:
    url = settings.langgraph_url or settings.home
    key = {"x-api-key": settings.langgraph_api_key.get_secret_value()}
    async with httpx.AsyncClient(base_url=url, headers=key, timeout=5) as client:
        try:
            answer = await client.post("/assistants/search", json={"graph_id": "purchase_order"})
        except httpx.HTTPError as error:
            raise NotInOrder(f"{url} does not answer ({type(error).__name__}): start it with `make run`.") from error
    if answer.status_code in (401, 403):
        raise NotInOrder(f"{url} refuses LANGGRAPH_API_KEY.")
    if not answer.is_success or not answer.json():
        raise NotInOrder(f"{url} does not serve the graph purchase_order.")
    return f"{url} serves purchase_order"


async def _chatwoot(settings: Settings) -> str:
    url = settings.chatwoot_base_url or f"{settings.home}/sandbox/chatwoot"
    account = settings.chatwoot_account_id or 1
    client = ChatwootClient(base_url=url, api_token=settings.chatwoot_api_key.get_secret_value())
    try:
        profile = await client.profile()
        inboxes = await client.list_inboxes(account_id=account)
    except ChatwootUnavailable as error:
        advice = "start it with `make run`" if settings.has_sandbox_chatwoot else "see whether CHATWOOT_BASE_URL is right"
        raise NotInOrder(f"{url} does not answer: {advice}.") from error
    finally:
        await client.aclose()
    missing = settings.chatwoot_inbox_ids - {inbox.id for inbox in inboxes}
    if missing:
        raise NotInOrder(f"The token's user does not see inboxes {sorted(missing)}: add the user to them in Chatwoot.")
    return f"{url}, as {profile.name}, {len(inboxes)} inboxes. Its webhook must post to {PATH} of an address it can reach."


async def _odoo(settings: Settings) -> str:
    if settings.has_sandbox_odoo:
        return "the sandbox's"
    return f"{settings.odoo_url}, version {await make_odoo(settings).check()}"
