"""Draws around an image's latent: what the server computes, what it tells the browser, and what is written of it."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

import ibinn_core as ib
from app.images.pictures import own, sample
from app.models import registry
from app.move_text import DRAWS, Around, Moves
from app.moves import export
from app.moves import latents as parts
from app.moves.around import rows_around, told
from app.moves.export import program_of, program_of_around, way_of
from app.widgets.export_menu import ENLARGED
from ibinn_core.exploration.around import PATHS

WHERE = Around(0.7, "shell", 2, 5)


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


@pytest.fixture(scope="module")
def image():
    return sample(11, ib.data.DATASETS["mnist"]).pixels


def test_each_row_is_a_path_of_the_library(checkpoint, image):
    model = ib.load(checkpoint.id)
    with torch.no_grad():
        z = model.encode(ib.dequantize(ib.to_unit(image[None]), model.noise))[0]
        mean = model.class_means[model.mixture.log_posterior(z[None]).argmax()]
        found = rows_around(checkpoint, image, WHERE)
        assert [row.path for row in found] == list(PATHS)
        for row in found:
            wanted = ib.exploration.around(z, 0.7, DRAWS, 5, row.path, mean)
            np.testing.assert_allclose(row.latents, wanted.numpy(), atol=2e-4)
            assert (np.abs(row.images.astype(int) - ib.to_uint8(model.decode(wanted))) <= 1).mean() > 0.99


def test_what_is_told_of_a_row_is_judged_picture_by_picture(checkpoint, image):
    found = rows_around(checkpoint, image, WHERE)
    model = ib.load(checkpoint.id)
    for row, said in zip(found, told(checkpoint, found), strict=True):
        with torch.no_grad():
            log_prob = model.log_prob(ib.dequantize(ib.to_unit(row.images), model.noise)).double()
        np.testing.assert_allclose(said["bits"], ib.bits_per_dim(log_prob.numpy(), 784, model.noise), atol=1e-3)
        assert said["path"] == row.path and len(said["images"]) == DRAWS


@pytest.mark.parametrize("path", PATHS)
def test_the_small_numbers_tell_every_posterior_and_place_around_an_image(checkpoint, image, path):
    start, plane = parts.start_of(checkpoint, image), parts.plane_of(checkpoint.id)
    small = parts.small(checkpoint, start, seed=5)
    where = WHERE._replace(path=path)
    z = parts.latent_after(checkpoint, start, Moves(around=where), {})
    factor = {"straight": 1, "shell": 1 / np.hypot(1, 0.7), "average": 1 / 1.7}[path]
    known = small["around"]
    added = {
        name: (factor - 1) * np.array(known["offset"][name]) + factor * 0.7 * np.array(known["noise"][2][name])
        for name in ("slopes", "step")
    }
    wanted = parts.scores_of(checkpoint, z)
    np.testing.assert_allclose(np.array(small["scores"]) + added["slopes"], wanted, atol=1e-3)
    np.testing.assert_allclose(np.array(small["star"]) + added["step"], plane.place(z), atol=1e-4)


def test_a_place_around_adds_to_other_moves(checkpoint, image):
    start = parts.start_of(checkpoint, image)
    one, other = Moves(around=WHERE), Moves(3, 0.4, (0.2, 0.1))
    z = [parts.latent_after(checkpoint, start, moves, {}) for moves in (one, other, other._replace(around=WHERE))]
    np.testing.assert_allclose(z[0] + z[1] - start.latents, z[2], atol=1e-4)
    np.testing.assert_array_equal(z[0], rows_around(checkpoint, image, WHERE)[PATHS.index("shell")].latents[2])


def test_the_way_goes_from_the_image_to_twice_the_radius(checkpoint, image):
    found, shares = way_of(checkpoint, image, Moves(around=WHERE))
    start = parts.start_of(checkpoint, image)
    np.testing.assert_array_equal(found[0], start.latents)
    wanted = parts.latent_after(checkpoint, start, Moves(around=WHERE._replace(radius=1.4)), {})
    np.testing.assert_allclose(found[-1], wanted, atol=1e-6)
    assert shares[-1] == 2


def test_the_programs_make_the_same_pictures(checkpoint, image):
    names: dict = {}
    exec(program_of_around(checkpoint, own(image), WHERE), names)
    every = rows_around(checkpoint, image, WHERE)
    wanted = np.concatenate([np.concatenate(list(row.images), axis=1) for row in every])
    assert names["grid"].shape == wanted.shape
    assert (np.abs(names["grid"].astype(int) - wanted.astype(int)) <= 1).mean() > 0.99
    exec(program_of(checkpoint, own(image), Moves(around=WHERE)), names)
    assert np.abs(names["picture"].astype(int) - every[PATHS.index("shell")].images[2].astype(int)).max() <= 2


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_animation_is_made_of_images_of_any_number_of_channels(channels):
    images = np.random.default_rng(0).integers(256, size=(3, 5, 6, channels), dtype=np.uint8)
    with Image.open(io.BytesIO(export._gif(images))) as animation:
        assert animation.n_frames == 4 and animation.size == (6 * 2 * ENLARGED, 5 * 2 * ENLARGED)
