"""Moves made by the server: the flip is where the formula says, and what a browser is given is the model's."""

import json
from pathlib import Path

import numpy as np
import pytest

import ibinn_core as ib
from app.images.pictures import own
from app.models import registry
from app.move_text import Moves
from app.moves import latents as parts
from app.moves.export import program_of, way_of
from ibinn_core.exploration.counterfactual import on_top


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


@pytest.fixture(scope="module")
def six(checkpoint):
    """An image that the model draws of a six, and what it makes of it."""
    import torch

    image = ib.to_uint8(ib.load(checkpoint.id).sample([6], 0.5, "empirical", torch.Generator().manual_seed(1)))[0]
    return parts.start_of(checkpoint, image)


def posterior(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def test_scores_are_those_of_the_posterior(checkpoint, six):
    assert six.top == 6
    np.testing.assert_allclose(posterior(six.scores), six.posterior, atol=1e-5)


@pytest.mark.parametrize("target", [0, 3, 5, 8])
def test_a_class_overtakes_all_others_at_the_flip(checkpoint, six, target):
    alpha = parts.on_top_of(checkpoint, six, target).alpha
    assert 0 < alpha < 2
    for factor, is_target in [(0.99, False), (1.01, True)]:
        z, image = parts.moved(checkpoint, six, Moves(target, factor * alpha), {})
        assert (parts.scores_of(checkpoint, z).argmax() == target) == is_target
        assert image.shape == (28, 28, 1)
    z, _ = parts.moved(checkpoint, six, Moves(target, alpha), {})
    first, second = np.sort(parts.scores_of(checkpoint, z))[-2:]
    assert second - first < 1e-3  # of a latent in single precision


@pytest.mark.parametrize(
    "way", json.loads(Path(__file__).with_name("ways.json").read_text("utf-8")), ids=lambda way: way["what"]
)
def test_where_a_class_is_on_top(way):  # of the browser: tests/browser/test_move.py
    scores, slopes = np.array([way["scores"]], float), np.array([way["slopes"]], float)
    found = [float(one[0]) for one in on_top(scores, slopes, np.array([way["target"]]))]
    never = way["alpha"] == "never"
    wanted = [np.inf, np.nan] if never else [way["alpha"], np.inf if way["until"] is None else way["until"]]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    # And as the word says: of all places on the way, those between the two and no others.
    for alpha in np.linspace(0, 4, 401):
        ahead = (scores + alpha * slopes)[0]
        is_on_top = ahead[way["target"]] >= ahead.max() - 1e-9
        assert is_on_top == (not never and found[0] - 1e-6 <= alpha <= found[1] + 1e-6)


def test_a_shift_moves_the_place_in_the_plane_of_latent_space(checkpoint, six):
    plane = parts.plane_of(checkpoint.id)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-6)
    z, _ = parts.moved(checkpoint, six, Moves(shift=(0.7, -1.1)), {})
    np.testing.assert_allclose(plane.place(z) - plane.place(six.latents), (0.7, -1.1), atol=1e-5)


def test_the_small_numbers_tell_every_score_after_a_move(checkpoint, six):
    small, moves = parts.small(checkpoint, six), Moves(2, 0.4, (0.3, 0.9))
    pulls, slopes = np.array(small["pulls"]), np.array(small["slopes"])
    told = np.array(small["scores"]) + moves.alpha * (pulls[2] - pulls[six.top]) + np.array(moves.shift) @ slopes
    z, _ = parts.moved(checkpoint, six, moves, {})
    np.testing.assert_allclose(told, parts.scores_of(checkpoint, z), atol=1e-3)


def test_the_browser_reads_what_it_is_given(checkpoint, six):
    import base64

    read = np.frombuffer(base64.b64decode(parts.base64_of(six.latents)), "<f4")
    np.testing.assert_array_equal(read, six.latents)
    quantiles = parts.quantiles_of(checkpoint)
    assert quantiles == sorted(quantiles) and len(quantiles) == parts.QUANTILES


def test_the_flip_is_the_librarys(checkpoint, six):
    import torch

    model = ib.load(checkpoint.id)
    for target in (0, 3, 8):
        found = ib.exploration.counterfactual(model, torch.tensor(six.latents[None]), target)
        assert parts.on_top_of(checkpoint, six, target).alpha == pytest.approx(float(found.alpha[0]), rel=1e-3)


@pytest.fixture(scope="module")
def nine(checkpoint):
    """An image that the model draws of a nine."""
    import torch

    return ib.to_uint8(ib.load(checkpoint.id).sample([9], 0.5, "empirical", torch.Generator().manual_seed(2)))[0]


def test_a_transplant_has_the_posterior_of_the_one_and_everything_else_of_the_other(checkpoint, six, nine):
    other = parts.start_of(checkpoint, nine)
    z = [parts.latent_after(checkpoint, six, Moves(graft=graft), {}, other) for graft in [(1, 0), (0, 1), (1, 1)]]
    of = [posterior(parts.scores_of(checkpoint, one)) for one in (*z, six.latents, other.latents)]
    np.testing.assert_allclose(of[0], of[4], atol=1e-5)
    np.testing.assert_allclose(of[1], of[3], atol=1e-5)
    np.testing.assert_allclose(z[2], other.latents, atol=1e-4)
    np.testing.assert_allclose(z[0] + z[1], six.latents + other.latents, atol=1e-4)
    corners = parts.corners_of(checkpoint, six, other)
    assert (np.abs(corners[3].astype(int) - nine.astype(int)) <= 1).all() and corners.shape == (4, 28, 28, 1)
    np.testing.assert_array_equal(corners[2], parts.moved(checkpoint, six, Moves(graft=(1, 0)), {}, other)[1])


def test_the_small_numbers_tell_every_posterior_and_place_after_a_transplant(checkpoint, six, nine):
    other, plane = parts.start_of(checkpoint, nine), parts.plane_of(checkpoint.id)
    small = parts.small(checkpoint, six, other)
    for graft in [(0.3, 0.0), (0.6, 1.0)]:
        z = parts.latent_after(checkpoint, six, Moves(graft=graft), {}, other)
        scores = np.array(small["scores"]) + graft[0] * (np.array(small["other"]["scores"]) - np.array(small["scores"]))
        np.testing.assert_allclose(posterior(scores), posterior(parts.scores_of(checkpoint, z)), atol=1e-4)
        place = np.array(small["star"]) + graft[0] * (np.array(small["other"]["star"]) - np.array(small["star"]))
        np.testing.assert_allclose(plane.place(z), place, atol=1e-3)


@pytest.mark.parametrize(
    "moves", [Moves(3, 0.5, (0.4, -0.2), {"ink": 1.0}), Moves(shift=(1.0, 0.0)), Moves(styles={"slant": -2.0}),
     Moves(graft=(1.0, 0.0)), Moves(graft=(0.25, 0.5))]
)  # fmt: skip
def test_the_program_makes_the_same_picture(checkpoint, six, nine, moves):
    image = parts.decoded(checkpoint.id, six.latents[None])[0]
    names: dict = {}
    exec(program_of(checkpoint, own(image), moves, own(nine)), names)
    start, other = parts.start_of(checkpoint, image), parts.start_of(checkpoint, nine)
    _, wanted = parts.moved(checkpoint, start, moves, parts.styles_of(checkpoint), other)
    assert np.abs(names["picture"].astype(int) - wanted.astype(int)).max() <= 1


def test_what_is_saved_of_a_transplant_goes_through_it(checkpoint, six, nine):
    image = parts.decoded(checkpoint.id, six.latents[None])[0]
    start, other = parts.start_of(checkpoint, image), parts.start_of(checkpoint, nine)
    latents, _ = way_of(checkpoint, image, Moves(graft=(1.0, 0.0)), own(nine))
    np.testing.assert_allclose(
        latents[4], parts.latent_after(checkpoint, start, Moves(graft=(1.0, 0.0)), {}, other), atol=1e-6
    )
    assert np.abs(latents[4] - latents[0]).max() > 0.1


def test_what_is_saved_goes_from_nothing_to_twice_the_flip_or_twice_the_move(checkpoint, six):
    image = parts.decoded(checkpoint.id, six.latents[None])[0]
    start = parts.start_of(checkpoint, image)
    latents, alpha = way_of(checkpoint, image, Moves(3, 0.1))
    assert alpha[0] == 0 and alpha[4] == pytest.approx(parts.on_top_of(checkpoint, start, 3).alpha, rel=1e-6)
    np.testing.assert_allclose(latents[0], start.latents, atol=1e-6)
    shift = Moves(shift=(0.5, 0.5))
    latents, alpha = way_of(checkpoint, image, shift)
    assert alpha.tolist() == np.linspace(0, 2, 9).tolist()
    np.testing.assert_allclose(latents[4], parts.latent_after(checkpoint, start, shift, {}), atol=1e-6)
