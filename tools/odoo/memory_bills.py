"""Bills of the in-memory Odoo: a draft counts as billed; goods are billed as received, services as ordered (as in Odoo)."""

from datetime import date
from decimal import Decimal

from domain.bills import Bill
from domain.errors import ImpossibleTransition, NotFound
from tools.odoo.memory_book import Book, BookBill, BookLine, BookOrder, money, reference


def billed(book: Book, order: BookOrder) -> Book:
    """A new draft bill for all that can be billed."""
    net = sum((_unbilled(book, line) * _net_price(line) for line in order.lines), Decimal(0))
    lines = tuple(line.model_copy(update={"billed": line.billed + _unbilled(book, line)}) for line in order.lines)
    total = with_tax(book, net, order.currency)
    bill = Bill(
        bill_id=len(book.bills) + 1,
        state="draft",
        amount_total=total,
        amount_due=total,
        currency=order.currency,
        orders=(reference(order),),
    )
    book = book.with_order(order.with_(lines=lines))
    return book.model_copy(update={"bills": (*book.bills, BookBill(bill=bill, order_id=order.order_id))})


def can_be_billed(book: Book, order: BookOrder) -> bool:
    """Whether a bill would have anything on it."""
    return any(_unbilled(book, line) > 0 for line in order.lines)


def bills_of_order(book: Book, order: BookOrder) -> list[Bill]:
    """Oldest first."""
    return [entry.bill for entry in book.bills if entry.order_id == order.order_id]


def bills_of_partner(book: Book, partner_id: int) -> list[Bill]:
    """Newest first."""
    own = {order.order_id for order in book.orders_of(partner_id)}
    return [entry.bill for entry in reversed(book.bills) if entry.order_id in own]


def posted(book: Book, bill_id: int, *, ref: str | None, bill_date: date, due_date: date) -> Book:
    """A draft made valid. Raises `NotFound` and `ImpossibleTransition`."""
    bill = _bill(book, bill_id, state="draft")
    name = f"BILL/{bill_date.year}/{bill_date.month:02d}/{bill_id:04d}"
    changes = {"state": "posted", "name": name, "ref": ref, "bill_date": bill_date, "due_date": due_date}
    return _with_bill(book, bill.model_copy(update=changes))


def paid(book: Book, bill_id: int) -> Book:
    """A posted bill paid in full. Raises `NotFound` and `ImpossibleTransition`."""
    bill = _bill(book, bill_id, state="posted")
    return _with_bill(book, bill.model_copy(update={"payment_state": "paid", "amount_due": Decimal(0)}))


def with_tax(book: Book, net: Decimal, currency: str) -> Decimal:
    """An amount with the company's tax."""
    return money(net * (1 + book.seed.tax_rate), currency)


def _bill(book: Book, bill_id: int, *, state: str) -> Bill:
    for entry in book.bills:
        if entry.bill.bill_id == bill_id:
            if entry.bill.state != state:
                raise ImpossibleTransition(f"Bill {bill_id} is {entry.bill.state}, not {state}.")
            return entry.bill
    raise NotFound(f"Bill {bill_id}.")


def _with_bill(book: Book, bill: Bill) -> Book:
    changed = tuple(
        entry.model_copy(update={"bill": bill}) if entry.bill.bill_id == bill.bill_id else entry for entry in book.bills
    )
    return book.model_copy(update={"bills": changed})


def _unbilled(book: Book, line: BookLine) -> Decimal:
    return (line.quantity if book.product_of(line).service else line.received) - line.billed


def _net_price(line: BookLine) -> Decimal:
    return line.unit_price * (1 - line.discount / 100)
