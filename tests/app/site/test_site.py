"""The static site: what is computed for it, and the files that are written."""

import base64
import io
import json
import math

import numpy as np
import pytest
import torch
from checkpoint_helpers import one_sentence
from curve_helpers import save_family, save_measured_family
from PIL import Image

import ibinn_core as ib
from app.palette import CLASS_COLORS
from ibinn_core.__main__ import main
from ibinn_core.site.assets import ASSETS
from ibinn_core.site.measure import ANGLES, PAIRS, SAMPLES, STEPS, _Plane, measure_site
from ibinn_core.site.pages import MARK, write_site
from ibinn_core.site.sheet import sheet

PLACES, IMAGES, CLASSES = 7, 20, 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("family")
    save_measured_family(place)
    return place


@pytest.fixture(scope="module")
def family(folder):
    return ib.family("cifar10", folder)


@pytest.fixture(scope="module")
def found(family):
    return measure_site(family, (), lambda text: None)


def array(text: str, dtype: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


def size(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def test_a_sheet_has_each_image_in_its_place():
    images = np.zeros((2, 3, 16, 24, 3), np.uint8)
    images[1, 2, ..., 0] = 200
    pixels = np.asarray(Image.open(io.BytesIO(sheet(images))).convert("RGB")).astype(int)
    assert pixels.shape == (32, 72, 3)
    assert abs(pixels[20:28, 54:66] - [200, 0, 0]).max() < 8 and pixels[:12].max() < 8 and pixels[:, :40].max() < 8
    assert Image.open(io.BytesIO(sheet(images[..., :1]))).size == (72, 32)


def test_a_sheet_that_no_browser_shows_is_refused():
    with pytest.raises(ValueError, match="600 x 1 images of 32 x 32 pixels are too many") as caught:
        sheet(np.zeros((600, 1, 32, 32, 3), np.uint8))
    one_sentence(f"{caught.value}.")


def test_the_numbers_of_the_slider_are_those_of_the_curve(family, found):
    places = found.values["places"]
    assert [place["gamma"] for place in places] == [p.gamma if math.isfinite(p.gamma) else "inf" for p in family.curve]
    assert [place["error"] for place in places] == [p.error for p in family.curve]
    assert [tick["gamma"] for tick in found.values["ticks"]] == [0.0, 0.5, 8.0, "inf"]
    json.dumps(found.values, allow_nan=False)


def test_what_is_said_of_an_image_is_what_the_model_there_says(family, found):
    """At a trained place and at a mixed one; the turned images begin with the images themselves."""
    pixels = ib.to_unit(ib.data.sample()[0])
    x = ib.dequantize(pixels)
    bits = array(found.values["bits"], "<f4", PLACES, IMAGES, ANGLES)
    posterior = array(found.values["posterior"], "u1", PLACES, IMAGES, ANGLES, CLASSES)
    likelihoods = array(found.values["likelihoods"], "<f4", PLACES, IMAGES, CLASSES)
    turned = ib.dequantize(ib.exploration.rotate_rgb(pixels, 2 * math.pi * 6 / ANGLES))
    for index in (2, 3):
        model = family.at(family.curve[index].gamma)
        np.testing.assert_allclose(bits[index, :, 0], ib.bits_per_dim(model.log_prob(x), 3072), rtol=1e-5)
        np.testing.assert_allclose(bits[index, :, 6], ib.bits_per_dim(model.log_prob(turned), 3072), rtol=1e-5)
        assert np.abs(posterior[index, :, 6] / 255 - model.posterior(turned).numpy()).max() < 0.005
        joint = model.log_prob(x, per_class=True)
        np.testing.assert_allclose(likelihoods[index], joint - joint.max(1, keepdim=True).values, atol=1e-2)


def test_images_lie_in_the_plane_of_the_cloud(family, found):
    """An image that is projected for the site and the stored point of the same latent: the same place."""
    values, index = found.values, 3
    arrays, model = family.arrays, family.at(family.curve[3].gamma)
    means = array(values["means"], "<i2", PLACES, CLASSES, 2)[index] / values["unit"]
    plane = _Plane.of(family)
    there = plane.project(model, index, model.class_means)
    np.testing.assert_allclose(there, means, atol=2 / values["unit"] + 1e-3)
    assert np.abs(arrays["class_means"][index] @ plane.directions.T - there).max() < 1e-3
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-5)


def test_typical_is_what_most_test_images_are(family, found):
    for (low, high), place, log_prob in zip(found.values["band"], family.curve, family.arrays["log_prob"], strict=True):
        bits = place.bits_per_dim - log_prob.astype(float) / (3072 * math.log(2))
        assert 0.94 <= ((bits >= low - 1e-3) & (bits <= high + 1e-3)).mean() <= 1


def test_pictures_have_a_row_for_each_place(found):
    assert size(found.pictures["images.webp"]) == (IMAGES * 32, 32)
    assert size(found.pictures["turned.webp"]) == (ANGLES * 32, IMAGES * 32)
    for name in ("around.webp", "mixture.webp"):
        assert size(found.pictures[name]) == (CLASSES * SAMPLES * 32, PLACES * 32)
    for name in ("spherical.webp", "linear.webp"):
        # There are eight classes among the twenty images.
        assert size(found.pictures[name]) == (PAIRS * STEPS * 32, PLACES * 32)
    for one, other in found.values["pairs"]:
        assert found.values["labels"][one] != found.values["labels"][other]


def test_a_walk_begins_and_ends_with_the_images(found):
    images = ib.data.sample()[0].astype(int)
    walk = np.asarray(Image.open(io.BytesIO(found.pictures["linear.webp"])).convert("RGB")).astype(int)
    one, other = found.values["pairs"][0]
    for step, index in ((0, one), (STEPS - 1, other)):
        assert np.abs(walk[:32, step * 32 : (step + 1) * 32] - images[index]).mean() < 6


def test_samples_are_the_models_with_the_same_noise_at_every_place(family, found):
    noise = torch.randn(CLASSES * SAMPLES, 3072, generator=torch.Generator().manual_seed(0))
    classes = torch.arange(CLASSES).repeat_interleave(SAMPLES)
    picture = np.asarray(Image.open(io.BytesIO(found.pictures["mixture.webp"])).convert("RGB")).astype(int)
    for index in (0, 3):
        model = family.at(family.curve[index].gamma)
        samples = ib.to_uint8(model.sample(classes, 1.0, noise=noise)).astype(int)
        row = picture[index * 32 : (index + 1) * 32].reshape(32, CLASSES * SAMPLES, 32, 3).transpose(1, 0, 2, 3)
        # WebP smooths the noise of a single pixel, not the mean of 8 x 8.
        blocks = [one.reshape(-1, 4, 8, 4, 8, 3).mean((2, 4)) for one in (samples, row)]
        assert np.abs(blocks[0] - blocks[1]).mean() < 3


def test_a_site_is_a_folder_that_needs_nothing_else(family, tmp_path):
    page = write_site([family], tmp_path / "site", (), lambda text: None)
    html = page.read_text()
    assert page.name == "index.html" and "<!--" not in html and "http" not in html
    for source in [part.split('"')[0] for part in html.replace('href="', 'src="').split('src="')[1:]]:
        assert (page.parent / source).is_file(), source
    values = (page.parent / "data" / "cifar10.js").read_text()
    assert json.loads(values.removeprefix("Explorer.add(").removesuffix(");\n"))["title"] == "CIFAR-10"
    for script in page.parent.glob("*.js"):
        assert "export" not in script.read_text() and "import(" not in script.read_text()


def test_an_earlier_site_is_replaced_and_nothing_else(family, tmp_path):
    write_site([family], tmp_path / "site", (), lambda text: None)
    (tmp_path / "site" / "old.html").write_text("from before")
    write_site([family], tmp_path / "site", (), lambda text: None)
    assert not (tmp_path / "site" / "old.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="holds something that is not a site") as caught:
        write_site([family], tmp_path / "mine")
    one_sentence(f"{caught.value}.", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "site"]


def test_without_a_curve_there_is_no_site(tmp_path, monkeypatch, capsys):
    save_family(tmp_path / "family")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "family"))
    for arguments in (["site", str(tmp_path / "site")], ["site", str(tmp_path / "site"), "--data", "cifar10"]):
        assert main(arguments) == 1
        one_sentence(capsys.readouterr().err.strip() + ".", "python -m ibinn_core curve")
    assert not (tmp_path / "site").exists()


def test_the_command_writes_what_is_there(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(folder))
    assert main(["site", str(tmp_path / "site")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "site" / "index.html")
    assert (tmp_path / "site" / MARK).is_file()


def test_classes_have_the_colours_of_the_app():
    assert json.dumps(list(CLASS_COLORS)) in (ASSETS / "explorer.js").read_text()
