"""Who the in-memory Odoo's suppliers are, what they sell, what was paid, and what currencies are worth."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.goods import PastPrice, PriceTier, Product, ProductUnit
from domain.partners import Partner
from tools.odoo.memory_book import Book, pieces_in, reference, unit_of
from tools.odoo.seed import SeedPartner, SeedProduct

#: Where the sandbox's company is: days are counted there.
_ZONE = ZoneInfo("America/Santiago")


def partners_with(book: Book, *, phone: str | None, email: str | None) -> list[Partner]:
    """Companies that we buy from with this phone or address; a contact's match answers its company."""
    address = (email or "").strip().lower()

    def matches(partner: SeedPartner) -> bool:
        return partner.active and bool((phone and partner.phone == phone) or (address and partner.email == address))

    companies = {partner.parent_id or partner.partner_id for partner in book.seed.partners if matches(partner)}
    found = [p for p in book.seed.partners if p.partner_id in companies and p.active and _is_supplier(book, p)]
    return [to_partner(partner) for partner in sorted(found, key=lambda one: one.partner_id)]


def to_partner(partner: SeedPartner) -> Partner:
    """As the port shows it."""
    return Partner(
        partner_id=partner.partner_id, name=partner.name, phone=partner.phone, email=partner.email, lang=partner.lang
    )


def products_of(book: Book, partner_id: int) -> list[Product]:
    """What the vendor has on its price list. Whatever was ordered is there, too: confirming puts it there."""
    active = sorted((p for p in book.seed.products if p.active), key=lambda product: product.product_id)
    return [_to_product(book, product, partner_id) for product in active if book.price_list(product, partner_id)]


def past_prices(book: Book, *, partner_id: int, product_ids: Sequence[int], limit: int) -> list[PastPrice]:
    """What confirmed orders were placed at, newest first."""
    confirmed = [
        (order.confirmed_at, order) for order in book.orders_of(partner_id) if order.state == "purchase" and order.confirmed_at
    ]
    found = [
        PastPrice(
            product_id=line.product_id,
            order=reference(order),
            unit_price=line.unit_price * (1 - line.discount / 100),
            currency=order.currency,
            unit=unit_of(book.product_of(line), line),
            quantity=line.quantity,
            date=at.astimezone(_ZONE).date(),
        )
        for at, order in sorted(confirmed, key=lambda pair: pair[0], reverse=True)
        for line in reversed(order.lines)
        if line.product_id in product_ids and line.quantity > 0
    ]
    return found[:limit]


def exchange_rates(book: Book, currencies: Sequence[str]) -> Mapping[str, Decimal]:
    """The seed's, which know no days."""
    return {name: book.seed.rates[name] for name in currencies if name in book.seed.rates}


def _is_supplier(book: Book, partner: SeedPartner) -> bool:
    return (
        partner.is_supplier
        or any(book.belongs(order.partner_id, partner.partner_id) for order in book.orders)
        or any(book.price_list(product, partner.partner_id) for product in book.seed.products)
    )


def _to_product(book: Book, product: SeedProduct, partner_id: int) -> Product:
    prices = book.price_list(product, partner_id)
    first = prices[0]
    alike = {
        price.min_quantity: price.price
        for price in reversed(prices)
        if (price.currency, price.unit) == (first.currency, first.unit)
    }
    unit = first.unit or product.unit
    units = dict.fromkeys((unit, product.unit, *(one.name for one in product.packagings)))
    incoming = _incoming(book, product)
    return Product(
        product_id=product.product_id,
        name=product.name,
        sku=product.sku,
        vendor_name=first.vendor_name,
        vendor_code=first.vendor_code,
        unit=unit,
        base_unit=product.unit,
        units=tuple(ProductUnit(name=name, factor=pieces_in(product, name)) for name in units),
        list_price=first.price,
        currency=first.currency,
        tiers=tuple(PriceTier(min_quantity=quantity, price=price) for quantity, price in sorted(alike.items())),
        min_quantity=first.min_quantity,
        lead_days=first.lead_days,
        on_hand=product.on_hand,
        forecast=product.on_hand + incoming,
        incoming=incoming,
        tracking=product.tracking,
        uses_expiry=product.uses_expiry,
    )


def _incoming(book: Book, product: SeedProduct) -> Decimal:
    """What open receipts of all orders wait for."""
    total = Decimal(0)
    for order in book.orders:
        units = {
            line.line_id: pieces_in(product, unit_of(product, line))
            for line in order.lines
            if line.product_id == product.product_id
        }
        waiting = [move for move in order.moves if move.state == "open" and move.line_id in units]
        total += sum((move.quantity * units[move.line_id] for move in waiting), Decimal(0))
    return total
