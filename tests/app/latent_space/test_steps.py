"""What the way there and back costs is never said to be less than it is."""

import pytest

from app.latent_space import steps


@pytest.mark.parametrize(
    ("grey_levels", "said"),
    [
        (0.0, "off by more than 0.0001 grey"),
        (3e-6, "off by more than 0.0001 grey"),
        (5.2e-4, "off by more than 0.0006 grey"),
        (3.2, "off by 3 grey"),
    ],
)
def test_what_is_lost_is_said_as_a_bound(grey_levels, said):
    assert said in steps._what_is_lost(grey_levels)
