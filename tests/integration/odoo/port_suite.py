"""What every adapter of `OdooOrderManager` must do. The in-memory one and the one on a real Odoo 19 run the very same tests.

Faked: nothing here. `suite/bench.py` says how a back end is furnished with `SEED` and how people play their parts in it; the
promises are in the files beside it, by what they are about.
"""

from tests.integration.odoo.suite.belonging import Belonging
from tests.integration.odoo.suite.bench import ANY_CALL, ON_ONE_ORDER, SEED, Bench, new_key
from tests.integration.odoo.suite.billing import Billing
from tests.integration.odoo.suite.changing import Changing
from tests.integration.odoo.suite.confirming import Confirming
from tests.integration.odoo.suite.creating import Creating
from tests.integration.odoo.suite.failing import Failing
from tests.integration.odoo.suite.looking_up import LookingUp
from tests.integration.odoo.suite.receiving import Receiving

__all__ = ["ANY_CALL", "ON_ONE_ORDER", "SEED", "Bench", "PortSuite", "new_key"]


class PortSuite(Creating, Confirming, Changing, Receiving, Billing, Belonging, LookingUp, Failing):
    """Subclass it where a fixture `bench` furnishes a back end."""
