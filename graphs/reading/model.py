"""The model reader: a chat model without tools that fills a strict JSON schema, and is believed only as far as code can check.

The supplier's words travel as JSON strings inside a data message, apart from the instructions, so that no text of theirs can
pose as ours. The whole reading, its one repair included, has one time limit; whatever goes wrong is `ModelUnavailable`, so
that the caller can fall back. What comes back goes through `checks.checked`.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from domain.understanding import Intent, Language, ModelUsage, OfferedLine, ReadingContext, Understanding
from graphs.reading.checks import checked
from graphs.reading.prompts import prompt
from graphs.reading.unavailable import ModelUnavailable

__all__ = ["Answer", "AnsweredLine", "ModelReader", "ModelUnavailable", "make_model"]

_log = structlog.get_logger(__name__)

#: A burst longer than this is no chat message or mail that a person wrote: a person reads it.
LONGEST_BURST = 40_000


class _Strict(BaseModel):
    # Strict schemas need every field required and nothing else allowed: so no defaults here.
    model_config = ConfigDict(extra="forbid")


class AnsweredLine(_Strict):
    """A line as the model writes it."""

    product: str | None = Field(description="The goods in the supplier's own words.")
    quantity: float | None = Field(description="How many units; 0 for goods taken off the order; null if not said.")
    unit: str | None = Field(description="The unit, singular, in the supplier's words.")
    unit_price: float | None = Field(description="Net price of one unit; null if not said.")
    currency: str | None = Field(description="ISO 4217 code; null if not said.")


class Answer(_Strict):
    """What the model fills in: the fields of `Understanding`, in JSON's own types."""

    intent: Intent
    also: list[Intent] = Field(description="Further intents in the same messages.")
    order_ref: str | None = Field(description="The order they speak of, like P00045; null if none.")
    lines: list[AnsweredLine]
    delivery_date: str | None = Field(description="YYYY-MM-DD; null if not said or a range.")
    language: Language
    needs_human: bool
    reason: str | None = Field(description="Why a person is needed or what is unclear, in one short English sentence.")
    confidence: float = Field(description="From 0 to 1.")


def make_model(*, api_key: str, base_url: str | None, model: str, timeout_seconds: float = 20.0) -> ChatOpenAI:
    """A chat model of any OpenAI-compatible server; `base_url` None is OpenAI's own. Makes no call."""
    return ChatOpenAI(
        model=model,
        api_key=SecretStr(api_key),
        base_url=base_url,
        temperature=0,
        timeout=timeout_seconds,
        max_retries=1,
    )


class ModelReader:
    """A `Reader` that asks a chat model. It has no tools, and its answer no effect of its own."""

    def __init__(self, chat_model: BaseChatModel, *, timeout_seconds: float = 20.0) -> None:
        name = getattr(chat_model, "model_name", None) or type(chat_model).__name__
        self.name = f"model:{name}"
        self._model_name = str(name)
        self._timeout = timeout_seconds
        schema = {
            "name": "understanding",
            "description": "What the supplier's messages mean.",
            "schema": Answer.model_json_schema(),
            "strict": True,
        }
        self._model = chat_model.with_structured_output(schema, method="json_schema", strict=True, include_raw=True)

    async def read(self, messages: Sequence[str], context: ReadingContext) -> Understanding:
        """The model's reading, checked by code. Raises `ModelUnavailable` if it gives none in time, even when asked twice."""
        if sum(map(len, messages)) > LONGEST_BURST:
            return _unread("The message is too long to be read by a program.")
        answers: list[AIMessage] = []
        try:
            async with asyncio.timeout(self._timeout):
                reading = await self._ask(messages, context, answers)
        except TimeoutError as error:
            raise ModelUnavailable(f"No answer within {self._timeout:g} s.", usage=self._usage(answers)) from error
        except ModelUnavailable as error:
            error.usage = self._usage(answers)
            raise
        reading = await asyncio.to_thread(checked, reading, messages, context)
        return reading.model_copy(update={"usage": self._usage(answers)})

    async def _ask(self, messages: Sequence[str], context: ReadingContext, answers: list[AIMessage]) -> Understanding:
        """`answers` is given every answer of the model's, so that what they cost is known however this ends."""
        asked: list[BaseMessage] = [
            SystemMessage(await asyncio.to_thread(prompt, "read_messages")),
            HumanMessage(_data(messages, context)),
        ]
        for attempt in ("first", "repair"):
            raw = await self._call(asked)
            answers.append(raw)
            _log.info("model_read", reader=self.name, attempt=attempt, tokens=raw.usage_metadata)
            if raw.additional_kwargs.get("refusal"):
                return _unread("The model refused to read this.")
            try:
                return _understood(Answer.model_validate_json(raw.text))
            except (ValidationError, InvalidOperation, ValueError) as error:
                fault = _fault(error)
                asked += [AIMessage(raw.text), HumanMessage(f"That is not valid: {fault}. Answer again, only the JSON object.")]
        raise ModelUnavailable("Two answers that do not fit the schema.")

    def _usage(self, answers: Sequence[AIMessage]) -> ModelUsage | None:
        """What the answers cost; None if the server does not say."""
        told = [answer.usage_metadata for answer in answers if answer.usage_metadata]
        if not told:
            return None
        return ModelUsage(
            model=self._model_name,
            input_tokens=sum(usage["input_tokens"] for usage in told),
            output_tokens=sum(usage["output_tokens"] for usage in told),
        )

    async def _call(self, asked: list[BaseMessage]) -> AIMessage:
        try:
            result: dict[str, Any] = await self._model.ainvoke(asked)  # type: ignore[assignment]
            raw: AIMessage = result["raw"]
        except Exception as error:
            # A server that answers nonsense makes the client libraries raise anything at all. Only the class is told:
            # an error's text may hold what the supplier wrote, or a key.
            raise ModelUnavailable(type(error).__name__) from error
        return raw


def _unread(reason: str) -> Understanding:
    return Understanding(intent=Intent.UNCLEAR, needs_human=True, reason=reason, confidence=0)


def _data(messages: Sequence[str], context: ReadingContext) -> str:
    """The data message: facts, and the supplier's words as JSON strings that they cannot break out of."""
    facts = context.to_json()
    return json.dumps({"facts": facts, "supplier_messages": list(messages)}, ensure_ascii=False)


def _understood(answer: Answer) -> Understanding:
    """Raise `ValueError` for a date or number that is none."""
    return Understanding(
        intent=answer.intent,
        also=tuple(intent for intent in answer.also if intent is not answer.intent),
        order_ref=answer.order_ref,
        lines=tuple(
            OfferedLine(
                product=line.product,
                quantity=_decimal(line.quantity),
                unit=line.unit,
                unit_price=_decimal(line.unit_price),
                currency=line.currency,
            )
            for line in answer.lines
        ),
        delivery_date=date.fromisoformat(answer.delivery_date) if answer.delivery_date else None,
        language=answer.language,
        needs_human=answer.needs_human,
        reason=answer.reason,
        confidence=min(max(answer.confidence, 0.0), 1.0),
    )


def _decimal(number: float | None) -> Decimal | None:
    if number is None:
        return None
    exact = Decimal(str(number))
    if not exact.is_finite() or exact < 0:
        raise ValueError("a quantity or price that is no plain number")
    return exact.to_integral_value() if exact == exact.to_integral_value() else exact


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'answer'}: {fault['msg']}" for fault in error.errors()[:5])
    return str(error)
