"""What is said of one test image: the same verdict as on the other pages."""

from types import SimpleNamespace

import numpy as np
import pytest

import ibinn_core as ib
from app.latent_space import point_panel


@pytest.mark.parametrize("untypical", [48, 50, 52])
def test_an_image_at_the_limit_is_typical_or_not_as_on_the_other_pages(monkeypatch, untypical):
    """One than which as many of a thousand held-out images are no more typical."""
    monkeypatch.setattr(point_panel, "bits_per_dim", lambda checkpoint, log_prob: 4.0)
    reference = np.concatenate([-np.arange(1, 501), np.arange(1, 501)]).astype(np.float32)
    own = np.array([-(501 - untypical / 2)], np.float32)
    assert ib.exploration.typicality_p_value(own, reference)[0] == np.float32(untypical / 1000)
    text, share = point_panel._typicality(SimpleNamespace(latent={"log_prob": own, "reference": reference}), 0)
    assert share == pytest.approx(1 - untypical / 1000)
    assert ("unusually unlikely" in text) == (untypical <= 50)  # ib.exploration.TYPICAL is 0.95


def test_neighbours_among_the_means_are_the_nearest_in_those_dimensions(monkeypatch):
    places = np.random.default_rng(0).normal(size=(40, 9)).astype(np.float16)
    checkpoint = SimpleNamespace(latent={"means_coordinates": places})
    monkeypatch.setattr(point_panel.registry, "by_id", lambda id: checkpoint)
    found = point_panel.nearest_in_means("a stub", 7)
    distances = np.linalg.norm(places.astype(float) - places[7].astype(float), axis=1)
    assert 7 not in found and list(found) == np.argsort(distances)[1 : 1 + len(found)].tolist() and len(found) == 8
