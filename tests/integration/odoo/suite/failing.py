"""When Odoo will not or cannot: typed errors, which say whether to ask again."""

import pytest

from tests.integration.odoo.suite.bench import ANY_CALL, Bench
from tools.odoo.port import OdooForbidden, OdooUnavailable


class Failing:
    """See the module."""

    @pytest.mark.parametrize("name", ANY_CALL)
    async def test_a_rejected_login_is_final(self, bench: Bench, name: str) -> None:
        with pytest.raises(OdooForbidden) as caught:
            await ANY_CALL[name](bench.locked_out)
        assert not caught.value.retryable

    @pytest.mark.parametrize("name", ANY_CALL)
    async def test_an_odoo_that_is_down_may_be_asked_again(self, bench: Bench, name: str) -> None:
        with pytest.raises(OdooUnavailable) as caught:
            await ANY_CALL[name](bench.unreachable)
        assert caught.value.retryable
