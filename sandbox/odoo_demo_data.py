"""What the sandbox's Odoo starts with: the suppliers, products, prices and stock of a small Chilean food company, invented.

Plain data, because the sandbox knows nothing of the insides of the agent; who puts things together reads it as the seed of the
in-memory Odoo. Amounts are net, in the unit and currency given; a price with `min_quantity` is a tier for larger orders.
"""

from typing import Any

_MILL, _NUTS, _BOXES, _BRAZIL, _PACIFIC, _OILS = 1, 2, 3, 4, 5, 6


def _price(
    partner_id: int,
    price: str,
    code: str,
    name: str,
    *,
    currency: str = "CLP",
    min_quantity: str = "0",
    lead_days: int = 2,
) -> dict[str, Any]:
    return {
        "partner_id": partner_id,
        "price": price,
        "currency": currency,
        "min_quantity": min_quantity,
        "vendor_code": code,
        "vendor_name": name,
        "lead_days": lead_days,
    }


def _product(product_id: int, sku: str, name: str, unit: str, on_hand: str, *prices: dict[str, Any]) -> dict[str, Any]:
    return {"product_id": product_id, "sku": sku, "name": name, "unit": unit, "on_hand": on_hand, "prices": list(prices)}


DEMO_ODOO: dict[str, Any] = {
    "tax_rate": "0.19",
    "rates": {"CLP": "1", "USD": "945", "EUR": "1090", "BRL": "172", "CLF": "39640"},
    "buyer": "Camila Soto",
    "buyer_email": "compras@almacen.example",
    "partners": [
        {
            "partner_id": _MILL,
            "name": "Molino San Cristóbal SpA",
            "phone": "+56961230101",
            "email": "ventas@molinosancristobal.example",
            "lang": "es_CL",
        },
        {
            "partner_id": _NUTS,
            "name": "Frutos Secos del Valle Ltda.",
            "phone": "+56961230102",
            "email": "pedidos@frutossecosdelvalle.example",
            "lang": "es_CL",
        },
        {
            "partner_id": _BOXES,
            "name": "Empaques Andinos S.A.",
            "phone": "+56961230103",
            "email": "contacto@empaquesandinos.example",
            "lang": "es_CL",
        },
        {
            "partner_id": _BRAZIL,
            "name": "Castanhas do Norte Ltda.",
            "phone": "+5591988230104",
            "email": "vendas@castanhasdonorte.example",
            "lang": "pt_BR",
        },
        {
            "partner_id": _PACIFIC,
            "name": "Pacific Packaging Inc.",
            "phone": "+12065550105",
            "email": "orders@pacificpackaging.example",
            "lang": "en_US",
        },
        {
            "partner_id": _OILS,
            "name": "Aceites del Maule SpA",
            "phone": "+56961230106",
            "email": "comercial@aceitesdelmaule.example",
            "lang": "es_CL",
        },
        {
            "partner_id": 7,
            "name": "Rosa Fuentes",
            "phone": "+56961230107",
            "email": "rosa.fuentes@molinosancristobal.example",
            "lang": "es_CL",
            "parent_id": _MILL,
            "is_supplier": False,
        },
    ],
    "products": [
        _product(
            101,
            "HAR-25",
            "Harina de trigo sin polvos 25 kg",
            "saco",
            "38",
            _price(_MILL, "17900", "MSC-025", "Harina panadera 25 kg"),
            _price(_MILL, "16800", "MSC-025", "Harina panadera 25 kg", min_quantity="100"),
        ),
        _product(
            102, "HAR-INT-25", "Harina integral 25 kg", "saco", "12", _price(_MILL, "18600", "MSC-026", "Harina integral 25 kg")
        ),
        _product(103, "SEM-25", "Sémola de trigo 25 kg", "saco", "9", _price(_MILL, "19500", "MSC-031", "Sémola fina 25 kg")),
        _product(104, "AFR-20", "Afrecho de trigo 20 kg", "saco", "4", _price(_MILL, "8900", "MSC-040", "Afrecho 20 kg")),
        _product(
            201,
            "NUE-MAR",
            "Nueces mariposa extra light",
            "kg",
            "64",
            _price(_NUTS, "7200", "FSV-N1", "Nuez mariposa extra light"),
            _price(_NUTS, "6850", "FSV-N1", "Nuez mariposa extra light", min_quantity="200"),
        ),
        _product(
            202,
            "ALM-NP",
            "Almendras Nonpareil 27/30",
            "kg",
            "41.5",
            _price(_NUTS, "9400", "FSV-A3", "Almendra Nonpareil 27/30"),
        ),
        _product(203, "PAS-RUB", "Pasas rubias jumbo", "kg", "22", _price(_NUTS, "3950", "FSV-P2", "Pasa rubia jumbo")),
        _product(
            204,
            "CIR-DES",
            "Ciruelas deshidratadas sin carozo",
            "kg",
            "17",
            _price(_NUTS, "4600", "FSV-C1", "Ciruela tiernizada"),
        ),
        _product(
            301,
            "CAJ-403020",
            "Caja de cartón corrugado 40×30×20 cm",
            "caja",
            "350",
            _price(_BOXES, "690", "EA-4030", "Caja 40x30x20"),
        ),
        _product(
            302,
            "ETI-1000",
            "Etiquetas autoadhesivas 100×70 mm (1.000)",
            "rollo",
            "14",
            _price(_BOXES, "15900", "EA-ET107", "Etiqueta térmica 100x70, rollo 1.000"),
        ),
        _product(
            303,
            "FILM-50",
            "Film stretch manual 50 cm",
            "rollo",
            "26",
            _price(_BOXES, "5400", "EA-FS50", "Film stretch 50 cm 23 µ"),
        ),
        _product(
            401,
            "CAS-PARA",
            "Castañas de Pará sin cáscara",
            "kg",
            "18",
            _price(_BRAZIL, "9.40", "CN-PA", "Castanha-do-pará descascada", currency="USD", lead_days=21),
        ),
        _product(
            402,
            "CAS-CAJU",
            "Castañas de cajú W320",
            "kg",
            "30",
            _price(_BRAZIL, "7.85", "CN-CJ320", "Castanha de caju W320", currency="USD", lead_days=21),
        ),
        _product(
            501,
            "POUCH-250",
            "Bolsas doypack con zipper 250 g (1.000)",
            "caja",
            "7",
            _price(_PACIFIC, "118.00", "PP-SUP250", "Stand-up pouch 250 g", currency="USD", lead_days=35),
        ),
        _product(
            502,
            "VAC-2030",
            "Bolsas de vacío 20×30 cm (1.000)",
            "caja",
            "5",
            _price(_PACIFIC, "96.50", "PP-VAC2030", "Vacuum bag 20x30 cm", currency="USD", lead_days=35),
        ),
        _product(
            601,
            "ACE-MAR-20",
            "Aceite de maravilla 20 L",
            "bidón",
            "11",
            _price(_OILS, "36900", "AM-M20", "Aceite maravilla 20 L"),
        ),
        _product(
            602, "ACE-OLI-5", "Aceite de oliva extra virgen 5 L", "bidón", "8", _price(_OILS, "41500", "AM-O5", "Oliva EV 5 L")
        ),
    ],
}
