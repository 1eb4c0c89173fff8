"""`po-agent check`: is everything there that the product needs, and what to do about what is not."""

from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy import text

from domain.errors import AgentError
from po_agent.check_chatwoot import check_bot_token, check_user_token, check_webhook
from po_agent.composition import make_odoo
from po_agent.database import attached_database
from po_agent.findings import Doubtful, Finding, NotInOrder
from po_agent.model_server import check_model
from po_agent.settings import Settings
from storage.engine import Database
from storage.migrate import current_revision, head_revision


async def check_all(settings: Settings) -> list[Finding]:
    """Ask everything; a question that fails does not keep the others from being asked. The settings were checked before."""
    questions: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "database": _database,
        "langgraph": _langgraph,
        "chatwoot": check_user_token,
        "chatwoot_bot": check_bot_token,
        "webhook": check_webhook,
        "odoo": _odoo,
        "model": _model,
    }
    findings = [Finding(name="settings", ok=True, detail=f"{settings.environment}, mode {settings.mode}")]
    for name, question in questions.items():
        try:
            findings.append(Finding(name=name, ok=True, detail=await question(settings)))
        except Doubtful as doubt:
            findings.append(Finding(name=name, ok=True, warning=True, detail=doubt.detail))
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


async def _odoo(settings: Settings) -> str:
    if settings.has_sandbox_odoo:
        return "the sandbox's"
    return f"{settings.odoo_url}, version {await make_odoo(settings).check()}"


async def _model(settings: Settings) -> str:
    if settings.openai_api_key is None:
        return "the offline reader"
    return f"{settings.model} at {await check_model(settings)}"
