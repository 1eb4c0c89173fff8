"""One log for everything in the process: our lines and those of uvicorn, Alembic, LangGraph and other libraries alike.

JSON has one object a line; `console` is for eyes. The lines of a turn carry `supplier`, `conversation`, `turn` and `run`,
which worker and nodes bind (`structlog.contextvars`) for all that is called inside, also by libraries. What looks like a
secret is taken out at the very end, so that no path into the log goes round it.

The LangGraph server configures structlog when it is imported, and its own loggers keep that configuration for ever. All of
them end in the standard library's root logger, though: that is where this takes over, whether it comes first or last.
Lines go to stderr, because commands with `--json` answer on stdout.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from copy import copy
from typing import Any, Literal, Protocol, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|passw|pwd|(api|access|private)[-_]?key|signature|credential", re.IGNORECASE
)
#: Secrets inside a text: `Bearer …`, the password of an address, and `token=…` or `'password': '…'`.
_SECRET_TEXT = re.compile(
    r"(?P<keep>\b(?:Bearer|Basic)\s+|://[^\s:/@]*:(?=[^\s@]*@)|"
    r"(?:token|secret|password|api[-_]?key)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'@&,;)}\]]+",
    re.IGNORECASE,
)

#: Only in these can a value stand under a name.
_WITH_NAMES = (Mapping, list, tuple, set, frozenset)

#: Loggers that say too much below these levels: odoorpc, httpcore and openai write whole requests, with passwords and texts.
_AT_LEAST = {
    "odoorpc": logging.INFO,
    "httpcore": logging.INFO,
    "openai": logging.INFO,
    "httpx": logging.WARNING,
    "watchfiles": logging.WARNING,
}
#: Loggers that come with handlers of their own, which would write their lines past ours.
_WITH_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "langgraph_api", "langgraph_runtime_inmem")


class LogSettings(Protocol):
    """The part of the settings that is used here."""

    @property
    def log_level(self) -> str:
        """DEBUG, INFO, WARNING or ERROR."""

    @property
    def log_format(self) -> Literal["json", "console"]:
        """How lines look."""


def configure_logs(settings: LogSettings, *, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to `stream` (stderr). Calling it again changes what was set before."""
    stream = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_our_own(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_our_own()],
            processors=[
                structlog.contextvars.merge_contextvars,
                ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.log_format, colors=stream.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for name in _WITH_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name, level in _AT_LEAST.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    logging.captureWarnings(True)


class _Formatter(ProcessorFormatter):
    """Takes secrets out of the arguments of a library's line while they still have names: `log.debug("%s", headers)`."""

    def format(self, record: logging.LogRecord) -> str:
        if record.args:
            record = copy(record)
            record.args = _clean_arguments(record.args)
        return super().format(record)


def _clean_arguments(arguments: Any) -> Any:
    if isinstance(arguments, Mapping):
        return _without_secrets(arguments)
    return tuple(_without_secrets(each) if isinstance(each, _WITH_NAMES) else each for each in arguments)


def _hide_in_arguments(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    if arguments := event_dict.get("positional_args"):
        event_dict["positional_args"] = _clean_arguments(arguments)
    return event_dict


def hide_secrets(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    """Blank what is under the name of a secret, however deep, and what looks like one inside a text."""
    return {name: _hidden_or_clean(name, value) for name, value in event_dict.items()}


def _is_secret(name: object, value: object) -> bool:
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and "token" in text.lower()):
        return False  # a count of tokens is no token
    return _SECRET_NAME.search(text) is not None


def _without_secrets(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _hidden_or_clean(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = list(value)
        if len(items) == 2 and isinstance(items[0], str | bytes):  # headers are often pairs
            return [_without_secrets(items[0]), _hidden_or_clean(items[0], items[1])]
        return [_without_secrets(inner) for inner in items]
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return _SECRET_TEXT.sub(lambda found: found["keep"] + HIDDEN, text)


def _hidden_or_clean(name: object, value: object) -> object:
    return HIDDEN if _is_secret(name, value) else _without_secrets(value)


def _our_own() -> list[Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _hide_in_arguments,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(log_format: Literal["json", "console"], *, colors: bool) -> list[Processor]:
    if log_format == "console":
        # The traceback is made text here, for secrets in it to be found.
        return [structlog.processors.format_exc_info, hide_secrets, structlog.dev.ConsoleRenderer(colors=colors)]
    return [
        structlog.processors.format_exc_info,
        hide_secrets,
        structlog.processors.JSONRenderer(serializer=_as_json),
    ]


def _as_json(event: Any, **_: Any) -> str:
    return json.dumps(event, ensure_ascii=False)
