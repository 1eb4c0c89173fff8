"""`po-agent check`: is everything there that the product needs, and what to do about what is not."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from domain.errors import AgentError
from po_agent.check_chatwoot import check_bot_token, check_user_token, check_webhook
from po_agent.composition import make_odoo
from po_agent.database import attached_database
from po_agent.explained import explained
from po_agent.findings import Doubtful, Finding, NotInOrder
from po_agent.langgraph_server import check_langgraph
from po_agent.model_server import check_model
from po_agent.settings import Settings
from po_agent.stops import pauses
from storage.engine import Database
from storage.migrate import current_revision, head_revision


async def check_all(settings: Settings) -> list[Finding]:
    """Ask everything; a question that fails does not keep the others from being asked. The settings were checked before."""
    questions: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "database": _database,
        "pauses": _pauses,
        "langgraph": check_langgraph,
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
            detail = explained(error) or f"{type(error).__name__}: {error}"
            findings.append(Finding(name=name, ok=False, detail=detail))
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


async def _pauses(settings: Settings) -> str:
    held = await pauses(settings)
    if held:
        raise Doubtful(" ".join(_told(pause) for pause in held))
    return "nothing is paused"


def _told(pause: dict[str, Any]) -> str:
    whose = f" --supplier {pause['scope']}" if pause["supplier"] else ""
    return (
        f"{pause['supplier'] or 'Everything'} is paused since {pause['since']} (by {pause['by']}): "
        f"nothing is done or sent until `po-agent resume{whose}`."
    )


async def _odoo(settings: Settings) -> str:
    if settings.has_sandbox_odoo:
        return "the sandbox's"
    return f"{settings.odoo_url}, version {await make_odoo(settings).check()}"


async def _model(settings: Settings) -> str:
    if settings.openai_api_key is None:
        return "the offline reader"
    return f"{settings.model} at {await check_model(settings)}"
