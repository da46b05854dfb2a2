"""What an exported file says of the models and images that its numbers are of."""

import csv
import math

import ibinn_core as ib
from app.models.origin import image_origin, origin
from app.models.predictions import posterior_csv


def test_the_models_of_a_file_are_told_with_their_gamma_and_data_set():
    models = [next(c for c in ib.checkpoints() if c.id == id) for id in ("gamma-1", "only-ly", "resnet")]
    assert [origin(c)["gamma"] for c in models] == [1.0, math.inf, ""]


def test_an_image_of_a_file_is_found_in_its_data_set_again():
    images, _ = ib.data.sample()
    hashes = ib.data.pixel_hash(images)
    assert image_origin(images[3]) == image_origin(hashes[3]) == {"image": f"{hashes[3]:016x}"}
    model = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    posterior = model.latent["posterior"][0]
    rows = list(csv.DictReader(posterior_csv(model, posterior, images[3]).decode().splitlines()))
    assert len(rows) == 10 and {int(row["image"], 16) for row in rows} == {int(hashes[3])}
