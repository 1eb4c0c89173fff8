"""Who writes, and what: suppliers of the demo's Odoo, one of them over two channels, and two people whom Odoo does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Writer:
    """A person on one channel. `partner_id`: the company in Odoo that this number or address is of, None if of none."""

    inbox: str
    contact: Mapping[str, Any]
    partner_id: int | None
    texts: Mapping[str, str]


_SPANISH = {
    "greeting": "Hola, buenas tardes",
    "quote": "Le ofrezco 40 sacos de harina panadera 25 kg a $17.900 c/u",
    "other quote": "Le ofrezco 10 sacos de sémola fina 25 kg a $19.500 c/u",
    "confirmation": "Confirmo la {order}",
    "question": "¿En qué está la {order}?",
    "nonsense": "asdf qwer",
    "wants a person": "Quiero hablar con una persona",
}
_ENGLISH = {
    "greeting": "Good morning",
    "quote": "We offer 10 boxes of Vacuum bag 20x30 cm at USD 96.50 each",
    "other quote": "We offer 4 boxes of Stand-up pouch 250 g at USD 118.00 each",
    "confirmation": "I confirm {order}",
    "question": "What is the status of {order}?",
    "nonsense": "asdf qwer",
    "wants a person": "I want to talk to a person",
}

MILL = 1
PACIFIC = 5
NEWCOMER = 900

CAST: dict[str, Writer] = {
    "mill": Writer("whatsapp", {"name": "Rosa", "phone": "+56961230101"}, MILL, _SPANISH),
    "mill by mail": Writer("email", {"name": "Ventas", "email": "ventas@molinosancristobal.example"}, MILL, _SPANISH),
    "pacific by mail": Writer("email", {"name": "Ann", "email": "orders@pacificpackaging.example"}, PACIFIC, _ENGLISH),
    "stranger": Writer("whatsapp", {"name": "?", "phone": "+56900000000"}, None, _SPANISH),
    "visitor": Writer("web", {"name": "Visita", "identifier": "visitor-1"}, None, _SPANISH),
}

#: What Odoo learns when someone enters the stranger.
STRANGER_AS_PARTNER: dict[str, Any] = {
    "partner_id": NEWCOMER,
    "name": "Molinos del Sur SpA",
    "phone": "+56900000000",
    "email": "hola@molinosdelsur.example",
    "lang": "es_CL",
}

WHAT = tuple(_SPANISH)
