"""A supplier's own mode can only take freedom away."""

from itertools import product

import pytest

from domain.modes import AgentMode, stricter

FREEDOM = ["shadow", "assist", "auto"]


@pytest.mark.parametrize(("installation", "supplier"), list(product(AgentMode, AgentMode)))
def test_the_stricter_of_both_counts(installation: AgentMode, supplier: AgentMode) -> None:
    expected = FREEDOM[min(FREEDOM.index(installation), FREEDOM.index(supplier))]
    assert stricter(installation, supplier.value) == expected


@pytest.mark.parametrize("installation", AgentMode)
def test_a_supplier_without_a_mode_has_the_installations(installation: AgentMode) -> None:
    assert stricter(installation, None) is installation


@pytest.mark.parametrize("unknown", ["", "AUTO", "free"])
def test_an_unknown_mode_is_never_taken_for_freedom(unknown: str) -> None:
    with pytest.raises(ValueError, match="AgentMode"):
        stricter(AgentMode.AUTO, unknown)
