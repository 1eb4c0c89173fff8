"""A real Odoo 19 for tests: the server that `scripts/odoo19` runs, and fresh databases on it to furnish and to work in.

The agent's user is a plain buyer (Purchase / User, nothing else), as it should be in production; `call` acts as the
administrator, for the parts of people and for looking behind the port's back.
"""

import dataclasses
import os
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.odoo.seed import OdooSeed, SeedPartner, SeedProduct
from tools.odoo.transport import OdooConnection, OdooTransport
from tools.odoo.transport_connection import WireProtocol

SCRIPT = Path(__file__).parents[3] / "scripts" / "odoo19"
CANNOT_BE_HAD = 3


class OdooCannotBeHad(Exception):
    """This machine has no way to Odoo 19: skip, and say so."""


class OdooServer:
    """Odoo and its PostgreSQL in one work folder (`ODOO19_WORKDIR`, else in the system's temporary folder).

    `tell` hears of progress, line by line: the first installation takes minutes.
    """

    def __init__(self, *, tell: Callable[[str], None]) -> None:
        default = Path(tempfile.gettempdir()) / "purchase-order-agent-odoo19"
        self._folder = Path(os.environ.get("ODOO19_WORKDIR") or default)
        self._tell = tell
        was_running = (self._folder / "ports").exists()
        try:
            self.run("install")
            told = dict(line.split(": ", 1) for line in self.run("start").splitlines())
        except BaseException:  # Ctrl-C too: the servers would outlive it
            if not was_running and (self._folder / "ports").exists():
                self.run("stop")
            raise
        self.url = told["url"]
        self._started_by_us = not was_running or told["started"] == "yes"

    def run(self, *command: str) -> str:
        """What `scripts/odoo19 FOLDER command…` printed. Raise `OdooCannotBeHad`."""
        whole = [str(SCRIPT), str(self._folder), *command]
        with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as script:
            assert script.stdout
            assert script.stderr
            progress = []
            for line in script.stderr:
                progress.append(line)
                self._tell(line.rstrip())
            printed = script.stdout.read()
        if script.returncode == CANNOT_BE_HAD:
            raise OdooCannotBeHad("".join(progress).strip())
        assert script.returncode == 0, f"scripts/odoo19 {' '.join(command)}:\n{''.join(progress)}"
        return printed

    def stop(self) -> None:
        """Leave a server alone that was running before us."""
        if self._started_by_us:
            self.run("stop")

    @contextmanager
    def database(self) -> Iterator["OdooDatabase"]:
        """A fresh database with Odoo's demo company, dropped afterwards."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self.run("newdb", name)
        database = OdooDatabase(self.url, name, make_key=lambda login: self.run("apikey", name, login).strip())
        try:
            yield database
        finally:
            database.close()
            self.run("dropdb", name)


class OdooDatabase:
    """One database: the settings the agent connects with, and what people would do in Odoo's own pages."""

    username, password = "agent@buyer.example", "the-agents-Secret-Passw0rd"

    def __init__(self, url: str, db: str, *, make_key: Callable[[str], str]) -> None:
        self.url, self.db = url, db
        self._make_key = make_key
        self._admin = OdooTransport(OdooConnection(url, db, "admin", "admin", timeout_seconds=60))
        self.call("res.lang", "write", self._search("res.lang", code=["es_CL", "pt_BR"]), {"active": True})
        # Else five wrong passwords, which the tests give on purpose, would keep everyone from logging in for a minute.
        self.call("ir.config_parameter", "set_param", "base.login_cooldown_after", "0")
        self.add_user(self.username, self.password, "purchase.group_purchase_user")

    @property
    def connection(self) -> OdooConnection:
        """The agent's."""
        return OdooConnection(self.url, self.db, self.username, self.password)

    @cached_property
    def api_key(self) -> str:
        """The agent's. It takes Odoo some seconds to make one."""
        return self._make_key(self.username)

    def connection_over(self, protocol: WireProtocol) -> OdooConnection:
        """The agent's, with what that protocol takes for a password."""
        password = self.api_key if protocol == "json2" else self.password
        return dataclasses.replace(self.connection, protocol=protocol, password=password)

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """As administrator."""
        return self._admin.call(model, method, *args, **kwargs)

    def add_user(self, login: str, password: str, *groups: str) -> int:
        """A user with the groups given (external ids) and the base rights."""
        ids = [
            self.call("ir.model.data", "check_object_reference", *group.split("."))[1] for group in ("base.group_user", *groups)
        ]
        values = {"name": login, "login": login, "email": login, "password": password, "tz": "America/Santiago"}
        values |= {"group_ids": [(6, 0, ids)]}
        user_id: int = self.call("res.users", "create", values)
        return user_id

    def add_partner(self, partner: SeedPartner, *, parent_id: int | None = None) -> int:
        """A partner with phone, e-mail, language and vendor mark as given; answers its id (not the seed's)."""
        values = {
            "name": partner.name,
            "phone": partner.phone,
            "email": partner.email,
            "lang": partner.lang or "en_US",
            "parent_id": parent_id,
            "is_company": parent_id is None,
            "supplier_rank": int(partner.is_supplier),
            "active": partner.active,
        }
        partner_id: int = self.call("res.partner", "create", values)
        return partner_id

    def add_product(self, product: SeedProduct, partner_ids: dict[int, int]) -> int:
        """A product with price list and stock; answers the variant's id. `partner_ids` leads from the seed's ids to Odoo's."""
        template = self.call(
            "product.template",
            "create",
            {
                "name": product.name,
                "default_code": product.sku,
                "type": "service" if product.service else "consu",
                "is_storable": not product.service,
                "tracking": product.tracking,
                "uom_id": self._unit(product.unit),
                "uom_ids": [(6, 0, [self._unit(one.name, of=product.unit, factor=one.factor) for one in product.packagings])],
                "seller_ids": [
                    (
                        0,
                        0,
                        {
                            "partner_id": partner_ids[price.partner_id],
                            "price": float(price.price),
                            "min_qty": float(price.min_quantity),
                            "product_uom_id": self._unit(price.unit or product.unit),
                            "delay": price.lead_days,
                            "currency_id": self._search("res.currency", name=[price.currency])[0],
                            "product_code": price.vendor_code,
                            "product_name": price.vendor_name,
                        },
                    )
                    for price in product.prices
                ],
            },
        )
        [product_id] = self._search("product.product", product_tmpl_id=[template])
        if product.on_hand:
            [location] = self.call("stock.warehouse", "search_read", [], fields=["lot_stock_id"], limit=1)
            quant = {
                "product_id": product_id,
                "location_id": location["lot_stock_id"][0],
                "inventory_quantity": float(product.on_hand),
            }
            self.call("stock.quant", "action_apply_inventory", [self.call("stock.quant", "create", quant)])
        self.call("product.template", "write", [template], {"active": product.active})
        return int(product_id)

    def furnish(self, seed: OdooSeed) -> tuple[dict[int, int], dict[int, int]]:
        """All partners and products of a seed: Odoo's ids by the seed's."""
        partners: dict[int, int] = {}
        for partner in sorted(seed.partners, key=lambda one: one.parent_id is not None):
            partners[partner.partner_id] = self.add_partner(partner, parent_id=partners.get(partner.parent_id or 0))
        return partners, {product.product_id: self.add_product(product, partners) for product in seed.products}

    def approve(self, order_id: int) -> None:
        """The second approval, by someone who may give it."""
        self.call("purchase.order", "button_approve", [order_id])

    def set_approval_amount(self, amount: Decimal | None) -> None:
        """From which total on (in the company's currency) an order needs a second approval; None: never."""
        step = {"po_double_validation": "one_step" if amount is None else "two_step"}
        self.call("res.company", "write", [1], step | {"po_double_validation_amount": float(amount or 0)})

    def close(self) -> None:
        self._admin.close()

    def _search(self, model: str, **values: list[Any]) -> list[int]:
        domain = [(field, "in", value) for field, value in values.items()]
        found: list[int] = self.call(model, "search", domain, context={"active_test": False})
        assert found, f"no {model} with {values}"
        return found

    def _unit(self, name: str, *, of: str = "", factor: Decimal = Decimal(1)) -> int:
        found = self.call("uom.uom", "search", [("name", "=", name)])
        holds = {"relative_uom_id": self._unit(of), "relative_factor": float(factor)} if of else {}
        return int(found[0] if found else self.call("uom.uom", "create", {"name": name, **holds}))
