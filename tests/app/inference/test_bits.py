"""How typical an image is for a model."""

import numpy as np
import pytest

import ibinn_core as ib
from app.inference import models
from app.inference.computations import evaluate
from app.models import registry
from ibinn_core.data.images import rows_of


@pytest.mark.parametrize(("id", "dataset"), [("gamma-1", "cifar10"), ("mnist-gamma-1", "mnist")])
def test_an_image_is_measured_as_those_were_that_say_what_is_typical(id, dataset):
    """Pixels at the centre of their interval are too likely: photographs would be off by a tenth of a deviation."""
    images = ib.data.embedded(dataset)[0]
    checkpoint = registry.by_id(id)
    latent = checkpoint.latent
    rows = rows_of(latent["hashes"], ib.data.pixel_hash(images))
    images, stored = images[rows >= 0], latent["log_prob"][rows[rows >= 0]].astype(float)
    found = evaluate(id, images).log_prob
    off = abs(np.mean(found - stored))
    assert off < 0.05 * latent["log_prob"].astype(float).std()
    if dataset == "cifar10":  # the network of digits weighs all of a pixel's interval alike
        assert np.mean(models.current().load(id).log_prob(ib.to_unit(images)).numpy() - stored) > 5 * off
