"""The static site: what models make of images for it, its figures, and the files that are written."""

import base64
import gzip
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from checkpoint_helpers import one_sentence
from curve_helpers import save_family
from site_helpers import seen_for, shared_site

import ibinn_core as ib
from app.latent_space import clouds
from app.models import registry
from app.site import measure as measured
from app.site.measure import CENTERS, PAIRS, PATHS, SAMPLES, STEPS, TURNS
from app.site.pages import MARK, write_site
from app.site.views import Subject, _image, _samples, _tradeoff
from ibinn_explorer.site import main

pytestmark = pytest.mark.slow  # the sites' pictures of a whole family take half a minute to compute

PLACES, IMAGES, CLASSES, SIDE = 7, 20, 10, (32, 32, 3)


@pytest.fixture(scope="module", autouse=True)
def shown(measured):
    """The app's pages show this family, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBINN_CHECKPOINTS", str(measured))
        yield


@pytest.fixture(scope="module")
def site(measured, tmp_path_factory):
    return shared_site(measured, tmp_path_factory)


@pytest.fixture(scope="module")
def family(shown):
    return ib.family("cifar10")


@pytest.fixture(scope="module")
def seen(site):
    return seen_for(site)


@pytest.fixture(scope="module")
def subject(family, seen):
    return Subject(family, seen, registry.of_data_set("cifar10"))


def script_in(packed: Path) -> str:
    """The script that the page makes of a packed one."""
    script = rb'packed\["(.*)"\] = "((?:[^"\n\r\\]|\\.)*)";\n'
    name, text = re.fullmatch(script, packed.read_bytes()).groups()
    assert packed.as_posix().endswith(name.decode())
    escaped = {b"n": b"\n", b"r": b"\r"}
    return gzip.decompress(re.sub(rb"\\(.)", lambda found: escaped.get(found[1], found[1]), text)).decode()


@pytest.fixture(scope="module")
def values(site):
    """What the page gets of the family, at once and later."""
    light = (site / "data" / "cifar10.js").read_text("utf-8")
    heavy = script_in(site / "data" / "cifar10.views.packed.js")
    start = 'Object.assign(families.find((one) => one.name === "cifar10"), '
    return {
        **json.loads(light.removeprefix("families.push(").removesuffix(");\n")),
        **json.loads(heavy.removeprefix(start).removesuffix(");\n")),
    }


@pytest.fixture(scope="module")
def views(values):
    return {view["id"]: view for view in values["views"]}


@pytest.fixture
def quick(monkeypatch):
    """Sites have no values of the family's, which take seconds."""
    monkeypatch.setattr("app.site.pages.parts_of", lambda family, models, say: ({}, {}))


def test_what_is_said_of_an_image_is_what_the_model_there_says(family, seen):
    """At a trained place and at a mixed one; the turned images begin and end with the images themselves."""
    pixels = ib.to_unit(ib.data.sample()[0])
    x = ib.dequantize(pixels)
    turned = ib.dequantize(ib.exploration.rotate_rgb(pixels, 2 * math.pi * 3 / (TURNS - 1)))
    for index in (2, 3):
        model = family.at(family.curve[index].gamma)
        for step in (0, TURNS - 1):
            np.testing.assert_allclose(seen.bits[index, :, step], ib.bits_per_dim(model.log_prob(x), 3072), rtol=1e-5)
        np.testing.assert_allclose(seen.bits[index, :, 3], ib.bits_per_dim(model.log_prob(turned), 3072), rtol=1e-5)
        np.testing.assert_allclose(seen.posterior[index, :, 3], model.posterior(turned), atol=1e-4)
        np.testing.assert_allclose(seen.likelihoods[index], model.log_prob(x, per_class=True), rtol=1e-5)


def test_images_lie_in_the_plane_of_the_cloud(family, seen, monkeypatch):
    """The latents of the curve's own images, where the curve has them."""
    track, index = clouds.track(family), 3
    model = family.at(family.curve[index].gamma)
    monkeypatch.setattr(measured, "_turned", lambda x: torch.stack([x] * TURNS, 1))
    reference = clouds.shared_reference(family.members[0])
    plane = ib.exploration.project(
        reference.latent["class_means"], ib.checkpoint.latent_format.view(reference.latent, "means")
    )
    x = ib.to_unit(ib.data.sample()[0])
    sampled, noise = torch.arange(CLASSES).repeat(SAMPLES), torch.zeros(SAMPLES * CLASSES, 3072)
    found = measured._at_place(model, plane, torch.stack([x] * TURNS, 1), seen.pairs, sampled, noise, 1.0, 1.0)
    np.testing.assert_allclose(found["points"], seen.points[index], atol=1e-3)
    # The offset of each latent from a class mean is the same wherever it is looked at from.
    means = track.means[index]
    latents = model.encode(ib.dequantize(x)).detach()
    far = np.linalg.norm(seen.points[index][:, None] - means[None], axis=-1)
    assert (far <= torch.cdist(latents, model.class_means).detach().numpy() + 1e-2).all()


def test_typical_is_what_most_test_images_are(subject):
    for (low, high), bits in zip(subject.typical, subject.test_bits, strict=True):
        assert 0.94 <= ((bits >= low - 1e-3) & (bits <= high + 1e-3)).mean() <= 1


def test_pictures_have_a_place_for_everything(seen):
    assert seen.images.shape == (IMAGES, *SIDE) and seen.turned.shape == (IMAGES, TURNS, *SIDE)
    assert {center: images.shape for center, images in seen.samples.items()} == dict.fromkeys(
        CENTERS, (PLACES, SAMPLES, CLASSES, *SIDE)
    )
    assert seen.walks.shape == (PLACES, PAIRS, len(PATHS), STEPS, *SIDE)
    assert all(seen.labels[one] != seen.labels[other] for one, other in seen.pairs)


def test_a_walk_begins_and_ends_with_the_images(seen):
    for pair, ends in enumerate(seen.pairs):
        for step, image in zip((0, -1), ends, strict=True):
            difference = seen.walks[2, pair, :, step].astype(int) - seen.images[image]
            assert np.abs(difference).max() <= 1


def test_samples_are_the_models_with_the_same_noise_at_every_place(family, seen):
    noise = torch.randn(CLASSES * SAMPLES, 3072, generator=torch.Generator().manual_seed(0))
    classes = torch.arange(CLASSES).repeat(SAMPLES)
    for index in (0, 3):
        samples = ib.to_uint8(family.at(family.curve[index].gamma).sample(classes, seen.temperature, noise=noise))
        can_be_seen = seen.whites["mean"][index] == 0
        assert can_be_seen.any()
        expected = samples.reshape(SAMPLES, CLASSES, *SIDE)[can_be_seen]
        np.testing.assert_array_equal(seen.samples["mean"][index][can_be_seen], expected)


def test_a_sample_out_of_the_range_of_pixels_is_scaled_into_it_and_says_so(family, seen, subject):
    """At forty times the temperature, where clipped pictures would be black and white."""
    classes = torch.arange(CLASSES).repeat(SAMPLES)
    noise = torch.randn(len(classes), 3072, generator=torch.Generator().manual_seed(0))
    found = measured._samples(family.at(family.curve[1].gamma), classes, noise, 40.0, 1.0)
    images, whites = found["mean"], found["white mean"]
    assert whites.shape == (SAMPLES, CLASSES) and whites.max() > 1
    assert np.isin(images[whites > 0], (0, 255)).mean() < 0.1

    white = np.zeros_like(seen.whites["mean"])
    white[:, 1, 2] = 3.04
    of_one = subject._replace(seen=seen._replace(whites=seen.whites | {"mean": white}))
    own = json.loads(_samples(of_one)["figures"][1]["spec"]["figure"])
    written = next(trace for trace in own["data"] if trace.get("uid") == "places")["texttemplate"]
    assert written[CLASSES + 2] == "3.0×" and not any(text for n, text in enumerate(written) if n != CLASSES + 2)


def test_the_site_says_where_images_were_divided_anew(subject, monkeypatch):
    assert "anew" not in _tradeoff(subject)["text"]
    monkeypatch.setattr(ib.checkpoint.Checkpoint, "own_split", (49_974, 10_000))
    said = "not divided here as it was published, but anew, into 49,974 training and 10,000 test images"
    assert said in _tradeoff(subject)["text"]


def numbers(track: dict, places: int) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(track["values"]["bdata"]), "<i2")
    return track["scale"] * whole.reshape(places, -1)


def test_the_bars_of_each_image_follow_the_slider(views, seen):
    bars = views["image"]["figures"][0]
    name = json.loads(bars["spec"]["figure"])["data"][1]["uid"]
    for image, each in enumerate(bars["each"]):
        # What is the same at all places is sent once.
        given = each["moving"].get(name)
        posterior = numbers(given["x"], PLACES) if given else np.stack([each["fixed"][name]["x"]] * PLACES)
        np.testing.assert_allclose(posterior, seen.posterior[:, image, 0], atol=1e-4)


def test_the_ring_of_the_trade_off_goes_along_the_curve(views, family):
    (figure,) = views["trade-off"]["figures"]
    ring = figure["follow"][0]["moving"]["ring"]
    np.testing.assert_allclose(numbers(ring["x"], PLACES)[:, 0], [p.bits_per_dim for p in family.curve], rtol=1e-3)
    assert any(trace.get("uid") == "ring" for trace in json.loads(figure["spec"]["figure"])["data"])


def test_each_view_says_what_only_the_app_can_do(views):
    assert list(views) == ["trade-off", "latent", "image", "samples", "walk", "turn", "calibration"]
    assert all(re.search(r"(^|[. ;])([Tt]he|[Ii]n the) app", view["text"]) for view in views.values())


def test_a_site_is_a_folder_that_needs_nothing_else(family, site, values):
    html = (site / "index.html").read_text()
    assert "<!--" not in html and "http" not in html
    sources = [part.split('"')[0] for part in html.replace('href="', 'src="').split('src="')[1:]]
    for source in sources:
        assert source == "data:," or (site / source.partition("?")[0]).is_file(), source
    assert [(tab["id"], tab["title"]) for tab in values["tabs"]] == [(v["id"], v["title"]) for v in values["views"]]
    assert values["counts"] == {
        "image": IMAGES,
        "pair": len(values["choices"]["pair"]),
        "lesson": len(values["lessons"]),
    }
    assert values["title"] == "CIFAR-10"
    assert [tick["gamma"] for tick in values["slider"]["ticks"]] == [0, 0.5, 8, "inf"]
    assert [place["error"] for place in values["slider"]["places"]] == [place.error for place in family.curve]
    assert [lesson["missing"] is not None for lesson in values["lessons"] if "missing" in lesson] == [True] * 6


def test_an_earlier_site_is_replaced_and_nothing_else(family, quick, tmp_path):
    page = write_site([family], tmp_path / "site", lambda text: None)
    assert page == tmp_path / "site" / "index.html"
    (tmp_path / "site" / "old.html").write_text("from before")
    write_site([family], tmp_path / "site", lambda text: None)
    assert not (tmp_path / "site" / "old.html").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="holds something that is not a site") as caught:
        write_site([family], tmp_path / "mine")
    one_sentence(f"{caught.value}.", tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "site"]


def test_without_a_curve_there_is_no_site(tmp_path, monkeypatch):
    save_family(tmp_path / "family")
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "family"))
    for arguments in ([str(tmp_path / "site")], [str(tmp_path / "site"), "--data", "cifar10"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        one_sentence(f"{caught.value}.", "python -m ibinn_core curve")
    assert not (tmp_path / "site").exists()


def test_the_command_writes_what_is_there(quick, tmp_path, capsys):
    main([str(tmp_path / "site")])
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "site" / "index.html")
    assert (tmp_path / "site" / MARK).is_file()


def test_of_many_classes_the_ten_that_an_image_is_taken_for_are_shown():
    generator, places, classes = np.random.default_rng(0), 3, 100
    likelihoods = generator.normal(0, 3, (places, 2, classes))
    posterior = np.exp(likelihoods) / np.exp(likelihoods).sum(-1, keepdims=True)
    seen = SimpleNamespace(
        images=np.zeros((2, 4, 4, 3), np.uint8),
        likelihoods=likelihoods,
        posterior=posterior[:, :, None],
        bits=generator.normal(4, 1, (places, 2, 1)),
    )
    subject: Any = SimpleNamespace(
        seen=seen,
        first=SimpleNamespace(classes=[f"kind {k}" for k in range(classes)]),
        test_bits=generator.normal(4, 1, (places, 50)),
        typical=np.tile([2.0, 6.0], (places, 1)),
        family=SimpleNamespace(curve=[None] * places),
    )
    view = _image(subject)
    assert "Of the 100 classes the 10 most probable are shown." in view["text"]
    drawn = json.loads(view["figures"][0]["spec"]["figure"])
    names = drawn["layout"]["yaxis"]["ticktext"]
    best = {f"kind {k}" for k in posterior[:, 0].argmax(-1)}
    assert len(names) == 10 and best <= set(names)
