"""The way to a class under several γ: the models, and which images are typical."""

import pytest

from app.models import registry
from app.moves import rows


@pytest.mark.parametrize(
    ("chosen", "gammas"),
    [
        ("mnist-gamma-1", [0.02, 0.2, 1, 35.65]),
        ("mnist-gamma-4.63", [0.02, 0.2, 4.63, 35.65]),
        ("mnist-only-lx", [0, 0.2, 4.63, 35.65]),
        ("mnist-only-ly", [0.02, 0.2, 4.63, float("inf")]),
        ("mnist-gamma-0.5", [0.02, 0.5, 4.63, 35.65]),
        ("gamma-1", [0.02, 0.2, 1, 35.65]),
    ],
)
def test_the_models_are_this_one_and_others_over_the_family(chosen, gammas):
    found = rows.models_for(registry.by_id(chosen))
    assert [one.gamma for one in found] == gammas and chosen in [one.id for one in found]
