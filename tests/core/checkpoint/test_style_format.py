"""style.npz: directions of style come back unchanged; other files are refused in a sentence."""

import shutil

import numpy as np
import pytest
import torch
from checkpoint_helpers import refusal, renew_manifest
from shape_helpers import OF_COLOUR

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.archives import npz
from ibinn_core.checkpoint import STYLE
from ibinn_core.checkpoint.arrays import STYLE_ARRAYS, style_problem, styles_of
from ibinn_core.checkpoint.verify import read_manifest
from ibinn_core.evaluation import encode_images
from ibinn_core.evaluation.styles import Encoded, style_arrays
from ibinn_core.exploration import attributes, class_span


@pytest.fixture(scope="module")
def encoded(parts) -> Encoded:
    return Encoded(parts.images, parts.labels, encode_images(parts.model, parts.images).latents)


@pytest.fixture(scope="module")
def arrays(parts, encoded) -> dict[str, np.ndarray]:
    train, held_out = (Encoded(*(values[rows] for values in encoded)) for rows in (slice(0, 220), slice(220, 300)))
    return style_arrays(parts.model, train, held_out)


@pytest.fixture
def folder(parts, pristine, arrays, tmp_path):
    """The checkpoint with its styles."""
    copy = shutil.copytree(pristine, tmp_path / "good")
    registry.write_files(copy, {STYLE: npz(arrays)}, read_manifest(copy))
    return copy


def test_what_a_step_changes_is_what_it_is_said_to_change(parts, encoded, arrays):
    """Measured again, on all held-out images."""
    assert arrays.keys() == STYLE_ARRAYS.keys() and style_problem(arrays, 3072) is None
    assert arrays["directions"].dtype == np.float16 and tuple(arrays["attributes"].astype(str)) == OF_COLOUR
    styles, over = styles_of(arrays), attributes(parts.images[:220])
    np.testing.assert_allclose(styles.deviations, [over[name].std() for name in styles.attributes], rtol=1e-5)
    z = torch.from_numpy(encoded.latents[220:])
    for row in (0, len(styles.attributes)):
        step = torch.from_numpy(styles.directions[row])
        ahead, back = (attributes(parts.model.decode(z + sign * step).clamp(0, 1)) for sign in (1, -1))
        for number, name in enumerate(styles.attributes):
            changed = (ahead[name] - back[name]).mean() / 2 / styles.deviations[number]
            assert styles.responses[row, number] == pytest.approx(float(changed), abs=0.25)


@pytest.mark.slow
def test_correlations_are_those_within_classes(parts, encoded, arrays):
    styles = styles_of(arrays)
    labels, found = parts.labels[220:], attributes(parts.images[220:])
    for row in (0, len(styles.attributes)):
        along = encoded.latents[220:].astype(np.float64) @ styles.directions[row]
        for number, name in enumerate(styles.attributes):
            within = [v - np.array([v[labels == k].mean() for k in range(10)])[labels] for v in (along, found[name])]
            assert styles.correlations[row, number] == pytest.approx(np.corrcoef(*within)[0, 1], abs=5e-3)


@pytest.mark.slow
def test_an_attribute_that_is_the_same_for_all_has_no_direction(parts, encoded):
    grey = np.repeat(encoded.images[..., :1], 3, axis=3)
    some = encoded._replace(images=grey)
    names = styles_of(style_arrays(parts.model, some, some)).attributes
    assert "brightness" in names and not {"warmth", "tint", "saturation"} & set(names)
    alike = np.full_like(grey, 100)
    none = styles_of(style_arrays(parts.model, encoded._replace(images=alike), some))
    assert none.attributes == () and len(none.directions) == 6 and none.explanations == (None,) * 6


def test_styles_come_back_off_the_span_of_the_means(parts, pristine, folder, arrays):
    before, after = (read_manifest(place) for place in (pristine, folder))
    assert STYLE not in before and {**after, STYLE: None} == {**before, STYLE: None}
    styles, stored = registry.read(folder).style, styles_of(arrays)
    assert styles.attributes == stored.attributes
    for name in ("correlations", "responses", "deviations"):
        np.testing.assert_array_equal(getattr(styles, name), getattr(stored, name))
    np.testing.assert_allclose(styles.directions, stored.directions, atol=0.02 * np.abs(stored.directions).max())
    span = class_span(parts.model.class_means.double().numpy())
    lengths = np.linalg.norm(styles.directions, axis=1)
    assert (np.abs(styles.directions.astype(np.float64) @ span.T).max(1) < 1e-6 * lengths).all()


def test_a_checkpoint_without_them_says_which_command_writes_them(pristine):
    found = registry.read(pristine)
    assert ib.load(found).class_means.shape == (10, 3072)
    refusal(lambda: found.style, STYLE, f"python -m ibinn_core measure {pristine}")
    refusal(lambda: registry.find("vib-1").style, "for a model with a likelihood")


def edited(**changes):
    def damage(arrays: dict) -> dict:
        return {**arrays, **{name: change(arrays[name]) for name, change in changes.items()}}

    return damage


def many(arrays: dict) -> dict:
    numbers = np.zeros((101, 7), np.float32)
    return {**arrays, "directions": np.zeros((101, 3072), np.float16), "correlations": numbers, "responses": numbers}


BROKEN = [
    (lambda arrays: {name: array for name, array in arrays.items() if name != "directions"}, "lacks directions"),
    (edited(directions=lambda a: a[:, :-1]), "directions of a wrong shape"),
    (edited(directions=lambda a: np.where(a == a.max(), np.nan, a).astype(a.dtype)), "not finite"),
    (edited(attributes=lambda a: np.array([b"<b>", *a[1:]])), "invalid names"),
    (edited(deviations=lambda a: -a), "out of range"),
    (edited(correlations=lambda a: a + 9), "out of range"),
    (edited(**dict.fromkeys(("directions", "correlations", "responses"), lambda a: a[:6])), "6 directions, but"),
    (many, "101 directions"),
    (edited(responses=lambda a: np.array([{}] * len(a), object)), "damaged"),
]


@pytest.mark.parametrize("damage, part", BROKEN)
def test_what_is_no_such_file_is_refused_in_a_sentence(folder, arrays, damage, part):
    (folder / STYLE).write_bytes(npz(damage(arrays)))
    renew_manifest(folder)
    refusal(lambda: registry.read(folder).style, STYLE, part)
