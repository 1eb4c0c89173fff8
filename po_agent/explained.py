"""What an error means to whoever typed the command: one line that says what to do. What nobody foresaw is not hidden."""

import sqlite3

from domain.errors import AgentError

#: The commands that show what there is, by the code of the error that says that something is not.
_SHOWN_BY = {
    "turn_not_found": "turns list",
    "message_not_found": "outbox list",
    "approval_not_found": "approvals list",
    "conversation_not_found": "conversations list",
    "supplier_not_found": "conversations list",
    "set_aside_not_found": "set-aside list",
}

_HOW_TO_NAME_A_PARTNER = "Here: `po-agent approvals approve ID --partner NUMBER`, as `po-agent approvals list` shows them."


def explained(error: Exception) -> str | None:
    """The line; None for an error that only its traceback explains."""
    if isinstance(error, AgentError):
        return _of_ours(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return _of_the_database(error)


def _of_ours(error: AgentError) -> str:
    if error.code in _SHOWN_BY:
        summary = str(error).removesuffix(error.detail).strip().removesuffix(".")
        return f"{summary}: {error.detail}. `po-agent {_SHOWN_BY[error.code]}` shows them."
    if error.code == "which_partner":
        return f"{error} {_HOW_TO_NAME_A_PARTNER}"
    return str(error)


def _of_the_database(error: Exception) -> str | None:
    # Imported only where it is used: the database libraries take longer to load than most commands need otherwise.
    from psycopg import errors
    from sqlalchemy import exc

    from storage.engine import AWAY, DatabaseUnavailable

    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig else error
    said = str(cause).strip().partition("\n")[0]
    if isinstance(cause, errors.UndefinedTable | errors.UndefinedColumn) or (
        isinstance(cause, sqlite3.OperationalError) and said.startswith("no such ")
    ):
        return f"The database does not have the tables of this program yet: run `po-agent migrate`. {said}"
    return str(DatabaseUnavailable(said)) if isinstance(error, AWAY) else None
