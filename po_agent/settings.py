"""Every setting, read once, checked whole: a program that starts has what it needs, and one that cannot says all of why.

Settings come, in this order, from the environment, `.env`, files (`NAME_FILE=/run/secrets/x`, or a folder SECRETS_DIR with
one file a setting) and Google Secret Manager (`po_agent.settings_sources`). Nothing is read at import. The rest of the
program is handed typed parts (`po_agent.composition`). The descriptions below are what `.env.example` shows.
"""

from datetime import time
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import pydantic
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from domain.errors import InvalidInput
from domain.fault_points import POINTS
from domain.modes import AgentMode
from domain.policy import PolicyLimits
from po_agent.settings_sources import SourceUnavailable, extra_sources, names_of, unreadable_files
from po_agent.settings_types import (
    AsLower,
    AsUpper,
    Country,
    DatabaseUrl,
    Hours,
    HttpUrl,
    Ids,
    Limits,
    Seconds,
    Secrets,
    TimeZone,
    Weekdays,
    sqlalchemy_url,
)

__all__ = ["DEVELOPMENT_SECRET", "Settings", "SettingsError", "load_settings", "sqlalchemy_url"]

#: Known to everybody, so that a first run needs no configuration; refused outside development.
DEVELOPMENT_SECRET = "development-only"  # noqa: S105  # that it is no secret is the point


#: In the environment, says that a setting is not set, also where `.env` sets it.
NONE = "none"


class SettingsError(InvalidInput):
    """The settings cannot be used: correct each of these, then start again (`.env.example` explains every setting)."""

    code = "settings_error"

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("".join(f"\n  - {fault}" for fault in faults))


def _named(name: str, *older: str) -> Any:
    return AliasChoices(name, *older)


class Settings(BaseSettings):
    """All settings, by the lower-case of their names. Immutable; secrets do not show when printed."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        env_parse_none_str=NONE,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    environment: Annotated[Literal["development", "staging", "production"], AsLower] = Field(
        "development", description="development, staging or production. Outside development nothing unsafe is accepted."
    )
    agent_mode: Annotated[AgentMode | None, AsLower] = Field(
        None,
        description="shadow (drafts private notes, touches nothing), assist (a person acts) or auto. "
        "Default: auto on the sandbox, else shadow.",
    )
    port: int = Field(
        8010,
        ge=1,
        le=65535,
        validation_alias=_named("PORT", "CHATWOOT_PROCESSOR_PORT"),
        description="Where we listen, on loopback.",
    )
    data_dir: Path = Field(Path(".data"), description="Folder of the embedded PostgreSQL and of the sandbox's data.")
    timezone: TimeZone = Field("America/Santiago", description="Where the company is: dates such as «mañana» are meant there.")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], AsUpper] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Annotated[Literal["json", "console"], AsLower] = Field(
        "json", description="json (a line an event) or console (to read yourself)."
    )

    database_url: DatabaseUrl | None = Field(
        None,
        repr=False,
        description="postgresql://user:password@host/database, or sqlite:///file. Default: an embedded PostgreSQL.",
    )
    test_database_url: DatabaseUrl | None = Field(
        None, repr=False, description="For the tests: a server where databases may be made and dropped."
    )

    langgraph_url: HttpUrl | None = Field(
        None,
        validation_alias=_named("LANGGRAPH_URL", "LANGGRAPH_API_URL"),
        description="The LangGraph server. Default: the one that this program is mounted in.",
    )
    langgraph_api_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="What callers of the LangGraph server's routes must send as x-api-key."
    )

    langgraph_strict_msgpack: bool = Field(
        False,
        description="true, outside development: stored checkpoints may then name no code to run. LangGraph reads it when it is "
        "imported, so it must be in the process's environment itself, not in a file of secrets.",
    )

    chatwoot_base_url: HttpUrl | None = Field(
        None, description="Chatwoot's address, such as https://chat.example.com. Default: the sandbox's stand-in."
    )
    chatwoot_api_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        validation_alias=_named("CHATWOOT_API_KEY", "CHATWOOT_PROCESSOR_TOKEN"),
        description="Access token of a Chatwoot user who is a member of the inboxes: it reads, and writes if there is no bot.",
    )
    chatwoot_bot_token: SecretStr | None = Field(None, description="Access token of an agent bot: replies are then the bot's.")
    chatwoot_account_id: int | None = Field(
        None,
        ge=1,
        validation_alias=_named("CHATWOOT_ACCOUNT_ID", "CHATWOOT_PROCESSOR_ACCOUNT_ID"),
        description="The one account listened to. Default in development: any.",
    )
    chatwoot_inbox_ids: Ids = Field(
        frozenset(), description="Comma-separated ids of the inboxes listened to. Default in development: all."
    )
    chatwoot_webhook_secrets: Secrets = Field(
        (SecretStr(DEVELOPMENT_SECRET),),
        description="Comma-separated secrets of the webhooks: one each for account, API inbox and bot; old and new while "
        "rotating.",
    )
    chatwoot_allow_unsigned: bool = Field(
        False, description="Accept webhooks without signature (Chatwoot before 4.11.2, macros). Not in production."
    )

    odoo_url: HttpUrl | None = Field(None, description="Odoo's address, such as https://odoo.example.com.")
    odoo_db: str | None = Field(None, description="Odoo's database.")
    odoo_username: str | None = Field(None, description="The agent's own user, with Purchase / User rights and no more.")
    odoo_password: SecretStr | None = Field(None, description="Its password, or an API key.")
    odoo_protocol: Annotated[Literal["auto", "jsonrpc", "json2", "sandbox"], AsLower] = Field(
        "auto",
        description="auto, jsonrpc (Odoo 14 to 21), json2 (19 and later, with an API key) or sandbox (in memory). auto: the "
        "sandbox without ODOO_URL; else json2 if Odoo is 19 or later and takes ODOO_PASSWORD as an API key, else jsonrpc.",
    )
    odoo_timeout_seconds: Seconds = Field(
        20, description="How long one answer of Odoo's may take; less than TURN_LEASE_SECONDS."
    )
    odoo_requests_per_second: Seconds = Field(20, description="No more requests than this are sent to Odoo in a second.")

    openai_api_key: SecretStr | None = Field(
        None, description="Key of an OpenAI-compatible model. Default: the offline reader."
    )
    openai_base_url: HttpUrl | None = Field(None, description="Address of an OpenAI-compatible server.")
    model: str = Field("gpt-5-mini", description="The model's name there.")
    model_timeout_seconds: Seconds = Field(30, description="How long one answer of the model may take.")

    bridge_api_token: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="What callers of the bridge's routes must send as Authorization: Bearer."
    )

    debounce_seconds: float = Field(
        6, ge=0, allow_inf_nan=False, description="A burst is answered once the supplier has been quiet this long."
    )
    debounce_cap_seconds: Seconds = Field(
        30, description="A burst is answered at the latest this long after its first message."
    )
    turn_lease_seconds: float = Field(
        60, ge=5, allow_inf_nan=False, description="A turn or message whose worker is silent so long is taken over by another."
    )
    turn_max_attempts: int = Field(5, ge=1, description="After this many failed attempts a turn goes to a person.")
    reconcile_seconds: Seconds = Field(300, description="How often Chatwoot is read for messages whose webhook was lost.")
    reconcile_lookback_hours: Seconds = Field(48, description="How far back it is read.")

    conversation_idle_days: Seconds = Field(
        14, description="A conversation in which nobody wrote for this many days ends; the next message opens a new one."
    )
    delivery_readback_seconds: float = Field(
        30,
        ge=0,
        allow_inf_nan=False,
        description="When nobody knows whether Chatwoot took a message, it is read back after this long, then sent again if it "
        "is not there.",
    )
    whatsapp_template: Annotated[str | None, Field(pattern=r"^[^:\s]+:[^:\s]+$")] = Field(
        None,
        description="Approved WhatsApp template, as name:language (such as mensaje_compras:es), whose one variable {{1}} takes "
        "the text. It is used when 24 hours have passed since the supplier wrote. Default: a person is told instead.",
    )
    attachment_max_bytes: int = Field(
        20_000_000, ge=1, description="A larger file of a supplier's is not fetched from Chatwoot; a person is told of it."
    )

    otel_exporter_otlp_endpoint: HttpUrl | None = Field(
        None, description="Where traces are sent (OTLP over HTTP), such as http://127.0.0.1:4318. Default: none are made."
    )
    fault_point: Annotated[str | None, Field(pattern=r"^[a-z_.]+(:[0-9]+)?$")] = Field(
        None, description="For crash tests: the process kills itself there (`domain/fault_points.py`). Not in production."
    )

    policy_price_tolerance: Decimal = Field(
        Decimal("0.05"),
        ge=0,
        le=1,
        description="Share by which a price may exceed the vendor's list, what was paid before, or the RFQ, without a person.",
    )
    policy_price_drop: Decimal = Field(
        Decimal("0.30"), ge=0, le=1, description="A price further below all that are known (a share) goes to a person."
    )
    policy_history_days: int = Field(180, ge=1, description="Prices paid in so many days are what a price is compared with.")
    policy_confirm_limit: Limits = Field(
        {"CLP": Decimal(2_000_000), "USD": Decimal(2_500)},
        description="Net amount by currency up to which an order is confirmed without a person. Other currencies are converted "
        "at Odoo's rates; without a rate, never.",
    )
    policy_first_order_to_person: bool | None = Field(
        None, description="Whether a person confirms a supplier's first order. Default: true; on the sandbox, false."
    )
    policy_freight_limit: Limits = Field(
        {"CLP": Decimal(50_000), "USD": Decimal(60)}, description="What freight on an order may cost without a person, net."
    )
    policy_quantity_factor: Decimal = Field(
        Decimal(3), gt=0, description="More than so many times the most ever bought at once goes to a person."
    )
    policy_quantity_tolerance: Decimal = Field(
        Decimal("0.05"), ge=0, le=1, description="Share by which a supplier may change a quantity of an RFQ without a person."
    )
    policy_stock_cover: Decimal = Field(
        Decimal(3),
        gt=0,
        description="With stock, what is on its way, and the order, no more than so many of the largest purchases are held "
        "without a person (of goods never bought: so many times POLICY_CONFIRM_LIMIT).",
    )
    policy_date_tolerance_days: int = Field(
        2, ge=0, description="By so many days a delivery may move without a person, counted from the date agreed."
    )
    policy_receipt_tolerance: Decimal = Field(
        Decimal("0.05"), ge=0, le=1, description="Share by which goods sold by weight may exceed what was ordered on receipt."
    )
    policy_confidence: float = Field(0.7, ge=0, le=1, description="What is read with less confidence is asked back.")
    policy_quiet_hours: Hours | None = Field(
        (time(20), time(8)),
        description="When we write to nobody first, in TIMEZONE. Suppliers who write are answered at any hour. none: never.",
    )
    policy_workdays: Weekdays = Field(
        (1, 2, 3, 4, 5), description="Days of the week on which the company works and receives goods; 1 is Monday."
    )
    policy_holidays: Country | None = Field(
        "CL", description="Country (ISO code) whose holidays the company keeps. none: no holidays."
    )
    policy_binding_readers: int = Field(
        2, ge=1, le=2, description="2: a model's reading binds only where the offline reader reads the same. 1: it binds alone."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """See the module's docstring for the order."""
        return init_settings, env_settings, dotenv_settings, *extra_sources(settings_cls)

    @property
    def is_development(self) -> bool:
        """Whether defaults that everybody knows may be used."""
        return self.environment == "development"

    @property
    def home(self) -> str:
        """Our own address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def has_sandbox_chatwoot(self) -> bool:
        """Whether Chatwoot is the sandbox's stand-in."""
        return self.chatwoot_base_url is None or self.chatwoot_base_url.endswith("/sandbox/chatwoot")

    @property
    def has_sandbox_odoo(self) -> bool:
        """Whether Odoo is the sandbox's."""
        return self.odoo_protocol == "sandbox" or (self.odoo_protocol == "auto" and self.odoo_url is None)

    @property
    def mode(self) -> AgentMode:
        """The mode that counts: nobody's real orders are touched unless that was asked for."""
        on_sandbox = self.has_sandbox_chatwoot and self.has_sandbox_odoo
        return self.agent_mode or (AgentMode.AUTO if on_sandbox else AgentMode.SHADOW)

    @property
    def policy(self) -> PolicyLimits:
        """The limits that policy judges by."""
        given = {name: getattr(self, f"policy_{name}") for name in PolicyLimits.model_fields}
        if given["first_order_to_person"] is None:
            # A visitor of the sandbox is to see a whole purchase; its suppliers have no past.
            given["first_order_to_person"] = not self.has_sandbox_odoo
        return PolicyLimits.from_json(given)

    def check(self, *, skip: frozenset[str] = frozenset()) -> list[str]:
        """What is wrong between settings. `skip`: settings known to be wrong already."""
        faults = []
        if not skip & {"debounce_seconds", "debounce_cap_seconds"} and self.debounce_cap_seconds < self.debounce_seconds:
            faults.append("DEBOUNCE_CAP_SECONDS: is less than DEBOUNCE_SECONDS; raise it.")
        if not self.has_sandbox_odoo:
            if (
                not skip & {"odoo_timeout_seconds", "turn_lease_seconds"}
                and self.odoo_timeout_seconds >= self.turn_lease_seconds
            ):
                faults.append("ODOO_TIMEOUT_SECONDS: is not less than TURN_LEASE_SECONDS: a turn would be lost to one wait.")
            for name in ("odoo_url", "odoo_db", "odoo_username", "odoo_password"):
                if not getattr(self, name) and name not in skip:
                    faults.append(f"{name.upper()}: is missing; a real Odoo needs it.")
        if self.is_development and self._is_real_chatwoot_far_away():
            # What is posted to a bridge that a real Chatwoot can reach must not be signed with a secret that everybody knows.
            for name, values in self._secrets().items():
                if name.startswith("chatwoot") and name not in skip and _known_or_none(values):
                    if name == "chatwoot_webhook_secrets" and self.chatwoot_allow_unsigned:
                        continue
                    faults.append(f"{name.upper()}: is missing; a real Chatwoot (CHATWOOT_BASE_URL) needs it.")
        if self.fault_point and self.fault_point.partition(":")[0] not in POINTS:
            faults.append(f"FAULT_POINT: there is none of that name; there are {', '.join(POINTS)}.")
        return faults if self.is_development else faults + self._refused(skip)

    def _refused(self, skip: frozenset[str]) -> list[str]:
        """What is not accepted outside development."""
        checks = {
            name: (_known_or_none(values), "is missing or the development default; set one of your own")
            for name, values in self._secrets().items()
        }
        checks |= {
            "chatwoot_base_url": (self.has_sandbox_chatwoot, "is missing or the sandbox's; name a real Chatwoot"),
            "odoo_url": (self.has_sandbox_odoo, "is missing, or ODOO_PROTOCOL asks for the sandbox; name a real Odoo"),
            "database_url": (self.database_url is None, "is missing; the embedded PostgreSQL is for development only"),
            "langgraph_url": (self.langgraph_url is None, "is missing; say where the LangGraph server is"),
            "chatwoot_account_id": (self.chatwoot_account_id is None, "is missing; say which account is listened to"),
            "chatwoot_inbox_ids": (not self.chatwoot_inbox_ids, "is missing; list the inboxes that are listened to"),
            "langgraph_strict_msgpack": (
                not self.langgraph_strict_msgpack,
                "is not true; stored checkpoints could name code to run; set it in the process's environment",
            ),
            "fault_point": (self.fault_point is not None, "is for crash tests in development only"),
            "chatwoot_allow_unsigned": (self.chatwoot_allow_unsigned, "unsigned webhooks are for development only"),
        }
        return [f"{name.upper()}: {fault}." for name, (wrong, fault) in checks.items() if wrong and name not in skip]

    def _secrets(self) -> dict[str, tuple[SecretStr, ...]]:
        """Those that have a known value in development."""
        return {
            "langgraph_api_key": (self.langgraph_api_key,),
            "chatwoot_api_key": (self.chatwoot_api_key,),
            "bridge_api_token": (self.bridge_api_token,),
            "chatwoot_webhook_secrets": self.chatwoot_webhook_secrets,
        }

    def _is_real_chatwoot_far_away(self) -> bool:
        if self.chatwoot_base_url is None or self.has_sandbox_chatwoot:
            return False
        host = urlsplit(self.chatwoot_base_url).hostname or ""
        try:
            return not ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read and check everything; `given` comes before all sources. Raises `SettingsError` with every fault at once."""
        unreadable = unreadable_files(cls)
        faults = list(unreadable.values())
        wrong = {name: cls.model_fields[name].default for name in unreadable if name in cls.model_fields}
        try:
            settings = cls(**given)
        except SourceUnavailable as error:
            raise SettingsError([*faults, str(error)]) from error
        except pydantic.ValidationError as error:
            for found in error.errors():
                name = _field_named(str(found["loc"][0]))
                if name in wrong:
                    continue  # one fault of a list is enough to send a person there
                wrong[name] = cls.model_fields[name].default
                message = found["msg"].removeprefix("Value error, ")
                faults.append(f"{name.upper()}: {message}; it is {_shown(name, found['input'])}.")
            # With what is wrong put aside, the checks between settings can still speak.
            settings = cls(**(given | wrong))
        faults += settings.check(skip=frozenset(wrong))
        if faults:
            raise SettingsError(faults)
        return settings


def load_settings(**given: Any) -> Settings:
    """See `Settings.load`."""
    return Settings.load(**given)


def _field_named(place: str) -> str:
    """The field of a name or alias as pydantic reports it."""
    for name, field in Settings.model_fields.items():
        if place in (name, *names_of(name, field)):
            return name
    return place


def _shown(name: str, value: object) -> str:
    """The wrong value, unless it may be a secret."""
    is_secret = any(word in name for word in ("key", "token", "secret", "password", "database"))
    return "a secret value not shown here" if is_secret or "@" in str(value) else repr(value)[:60]


def _known_or_none(secrets: tuple[SecretStr, ...]) -> bool:
    return not secrets or any(secret.get_secret_value() in ("", DEVELOPMENT_SECRET) for secret in secrets)
