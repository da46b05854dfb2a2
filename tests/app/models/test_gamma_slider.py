"""The data of the γ slider."""

import pytest

import ibinn_core as ib
from app.models import gamma_slider
from ibinn_core.weight_space import Family


def test_of_a_family_without_a_curve_it_has_the_numbers_of_the_cards(monkeypatch):
    given = {}
    monkeypatch.setattr(
        gamma_slider, "custom_component", lambda *_, **__: lambda **options: given.update(options["data"])
    )
    family = Family(ib.family("cifar10").members, None)
    gamma_slider.gamma_slider(family, 1.0, "slider", lambda gamma: None, only_ticks=True)
    assert given["places"] == [] and not any(given["mixes"])
    errors = [tick["measures"]["error"] for tick in given["ticks"]]
    assert errors == pytest.approx([member.card["error"] for member in family.members])
