"""A direction of a person's own: what it changes and what not, the program of it, and the sets that it is made of."""

import numpy as np
import pytest

import ibinn_core as ib
from app.images.pictures import sample
from app.models import registry
from app.move_text import MOST_IMAGES, NO_SETS, OWN, OWN_CLASS, Moves, Sets
from app.moves import latents as parts
from app.moves import own
from app.moves.export import program_of, way_of

SETS = Sets(("sample-1", "sample-2"), ("sample-7", "sample-8", "sample-9"))


@pytest.fixture(autouse=True)
def of_mnist(monkeypatch):
    """Images of links are MNIST's, whose samples come with the program."""
    monkeypatch.setattr(registry, "dataset", lambda: ib.data.DATASETS["mnist"])


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


def posterior(checkpoint, z: np.ndarray) -> np.ndarray:
    scores = parts.scores_of(checkpoint, z)
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def latent_of(checkpoint, number: int) -> np.ndarray:
    return parts.start_of(checkpoint, sample(number).pixels).latents.astype(np.float64)


def test_it_changes_no_posterior_but_by_its_class_part(checkpoint):
    start, found = parts.start_of(checkpoint, sample(11).pixels), own.directions_of(checkpoint, SETS)
    still = posterior(checkpoint, start.latents)
    styled = parts.latent_after(checkpoint, start, Moves(styles={OWN: 2.0}), found)
    np.testing.assert_allclose(posterior(checkpoint, styled), still, atol=1e-5)
    assert np.abs(styled - start.latents).max() > 0.1
    other = parts.latent_after(checkpoint, start, Moves(styles={OWN_CLASS: 2.0}), found)
    assert np.abs(posterior(checkpoint, other) - still).max() > 1e-3
    wanted = np.mean([latent_of(checkpoint, n) for n in (1, 2)], 0) - np.mean(
        [latent_of(checkpoint, n) for n in (7, 8, 9)], 0
    )
    np.testing.assert_allclose(found[OWN] + found[OWN_CLASS], wanted, atol=1e-5)


def test_one_image_in_each_set_and_both_parts_are_an_analogy(checkpoint):
    start, sets = parts.start_of(checkpoint, sample(11).pixels), Sets(("sample-1",), ("sample-7",))
    z = parts.latent_after(
        checkpoint, start, Moves(styles={OWN: 1.0, OWN_CLASS: 1.0}), own.directions_of(checkpoint, sets)
    )
    np.testing.assert_allclose(z, start.latents + latent_of(checkpoint, 1) - latent_of(checkpoint, 7), atol=1e-4)


def test_without_both_sets_there_is_none(checkpoint):
    for sets in (NO_SETS, Sets(("sample-1",)), Sets((), ("sample-1",)), Sets(("sample-1",), ("sample-99",))):
        assert own.directions_of(checkpoint, sets) == {}


@pytest.mark.parametrize("steps", [{OWN: 1.0}, {OWN: -0.5, OWN_CLASS: 1.0, "ink": 1.0}])
def test_the_program_makes_the_same_picture(checkpoint, steps):
    moves, picture = Moves(styles=steps), sample(11)
    names: dict = {}
    exec(program_of(checkpoint, picture, moves, sets=SETS), names)
    styles = own.all_styles(checkpoint, SETS)
    _, wanted = parts.moved(checkpoint, parts.start_of(checkpoint, picture.pixels), moves, styles)
    assert (np.abs(names["picture"].astype(int) - wanted.astype(int)) <= 1).all()


def test_what_is_saved_goes_through_the_move(checkpoint):
    moves, picture = Moves(styles={OWN: 1.0}), sample(11)
    z, alpha = way_of(checkpoint, picture.pixels, moves, sets=SETS)
    np.testing.assert_allclose(z[4] - z[0], own.directions_of(checkpoint, SETS)[OWN], atol=1e-5)
    assert alpha[4] == 1


def test_an_image_is_put_in_and_taken_out():
    sets = own.toggled(own.toggled(NO_SETS, 0, "sample-1"), 1, "sample-2")
    assert sets == Sets(("sample-1",), ("sample-2",))
    assert own.toggled(sets, 0, "sample-1") == Sets((), ("sample-2",))
    for number in range(MOST_IMAGES + 2):
        sets = own.toggled(sets, 0, f"sample-{number + 3}")
    assert len(sets.having) == MOST_IMAGES and sets.having[-1] == f"sample-{MOST_IMAGES + 4}"


def test_the_element_takes_an_image_out_and_a_stranger_nothing():
    assert own.without_one(SETS, {"set": 1, "at": 0}) == Sets(SETS.having, SETS.lacking[1:])
    for said in (None, [], {}, {"set": 2, "at": 0}, {"set": 0, "at": 5}, {"set": 0, "at": -1}, {"set": 0, "at": "0"}):
        with pytest.raises(ValueError):
            own.without_one(SETS, said)


def test_what_the_browser_is_told_can_be_shown():
    told = own.told(SETS)
    assert [len(told["having"]), len(told["lacking"]), told["isInLink"]] == [2, 3, True]
    assert told["having"][0]["uri"].startswith("data:image/png;base64,") and told["having"][0]["name"] == sample(1).name
