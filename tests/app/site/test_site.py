"""The static site: what models make of images for it, its figures, and the files that are written."""

import base64
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from checkpoint_helpers import one_sentence
from curve_helpers import save_family
from site_helpers import seen_for, shared_site

import ibinn_core as ib
from app.latent_space import clouds
from app.site import measure as measured
from app.site import packed
from app.site.kept import Kept
from app.site.pages import MARK, write_site
from app.site.views import _tradeoff, samples_figure
from ibinn_core.weight_space import Family
from ibinn_explorer.site import main

pytestmark = pytest.mark.slow  # the sites' pictures of a whole family take half a minute to compute

ROOT = Path(__file__).resolve().parents[3]
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
def files(site):
    """The folder of all files but the page."""
    (data,) = site.glob("*/data")
    return data.parent


@pytest.fixture(scope="module")
def values(files):
    """What the page gets of the family, at once and later."""
    (light,) = json.loads((files / "data" / "families.json").read_text("utf-8"))
    return light, json.loads((files / "data" / "cifar10.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def views(values):
    return {view["id"]: view for view in values[1]["views"]}


@pytest.fixture
def quick(monkeypatch):
    """Sites have no values of the family's, which take seconds."""
    monkeypatch.setattr("app.site.pages.parts_of", lambda family, is_live, *given: ({"is_live": is_live}, {}))


def test_images_lie_in_the_plane_of_the_cloud(family, seen):
    """Dots of the same images lie where the curve has them."""
    track, index = clouds.track(family), 3
    model = family.at(family.curve[index].gamma)
    latents = model.encode(ib.dequantize(ib.to_unit(seen.images))).detach()
    # In a plane, offsets from the class means are no longer than in the whole space.
    far = np.linalg.norm(seen.points[index][:, None] - track.means[index][None], axis=-1)
    assert seen.points.shape == (PLACES, IMAGES, 2)
    assert (far <= torch.cdist(latents, model.class_means).detach().numpy() + 1e-2).all()


def test_samples_are_the_models_with_the_same_noise_at_every_place(family, seen):
    noise = torch.randn(CLASSES, 3072, generator=torch.Generator().manual_seed(0))
    temperature = family.members[0].dataset.temperature
    assert seen.samples.shape == (PLACES, CLASSES, *SIDE)
    for index in (0, 3):
        model = family.at(family.curve[index].gamma)
        samples = ib.to_uint8(model.sample(torch.arange(CLASSES), temperature, noise=noise))
        can_be_seen = seen.whites[index] == 0
        assert can_be_seen.any()
        np.testing.assert_array_equal(seen.samples[index][can_be_seen], samples[can_be_seen])


def test_a_sample_out_of_the_range_of_pixels_is_scaled_into_it_and_says_so(family, seen):
    """At forty times the temperature, where clipped pictures would be black and white."""
    noise = torch.randn(CLASSES, 3072, generator=torch.Generator().manual_seed(0))
    model = family.at(family.curve[1].gamma)
    images, whites = measured._samples(model, torch.arange(CLASSES), 40.0, noise)
    assert whites.shape == (CLASSES,) and whites.max() > 1
    assert np.isin(images[whites > 0], (0, 255)).mean() < 0.1

    white = np.zeros_like(seen.whites)
    white[0, 2] = 3.04
    figure = samples_figure(family, seen._replace(whites=white))
    texts = figure["follow"][0]["stepped"]["places"]["texttemplate"]
    assert texts[0][2] == "3.0×" and not any(text for n, text in enumerate(texts[0]) if n != 2)
    assert len(figure["follow"][0]["stepped"]["picture"]["source"]) == PLACES


def test_the_site_says_where_images_were_divided_anew(family, monkeypatch):
    assert "anew" not in _tradeoff(family)["text"]
    monkeypatch.setattr(ib.checkpoint.Checkpoint, "own_split", (49_974, 10_000))
    said = "not divided here as it was published, but anew, into 49,974 training and 10,000 test images"
    assert said in _tradeoff(family)["text"]


def numbers(track: dict, places: int) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(track["values"]["bdata"]), "<i2")
    return track["scale"] * whole.reshape(places, -1)


def test_the_ring_of_the_trade_off_goes_along_the_curve(views, family):
    figure = views["trade-off"]["figure"]
    ring = figure["follow"][0]["moving"]["ring"]
    np.testing.assert_allclose(numbers(ring["x"], PLACES)[:, 0], [p.bits_per_dim for p in family.curve], rtol=1e-3)
    assert any(trace.get("uid") == "ring" for trace in json.loads(figure["spec"]["figure"])["data"])


def test_each_view_says_what_only_the_app_can_do(views):
    assert list(views) == ["trade-off", "latent"]
    assert all(re.search(r"(^|[. ;])([Tt]he|[Ii]n the) app", view["text"]) for view in views.values())


def test_a_site_is_a_folder_that_needs_nothing_else(family, site, files, values):
    html = (site / "index.html").read_text()
    assert "<!--" not in html and "http" not in html
    sources = [part.split('"')[0] for part in html.replace('href="', 'src="').split('src="')[1:]]
    for source in sources:
        assert source == "data:," or (site / source).is_file(), source
    for module in files.glob("static/*/*.js"):
        for name in re.findall(r'^(?:import|export) [^"]* from "(\.[^"]+)";$', module.read_text("utf-8"), re.M):
            assert (module.parent / name).is_file(), (module, name)
    light, later = values
    assert light["tabs"] == [{"id": view["id"], "title": view["title"]} for view in later["views"]]
    assert len(light["lessons"]) == len(later["lessons"]) and light["title"] == "CIFAR-10"
    assert [tick["gamma"] for tick in light["slider"]["ticks"]] == [0, 0.5, 8, "inf"]
    assert [place["error"] for place in light["slider"]["places"]] == [place.error for place in family.curve]
    assert [lesson["missing"] is not None for lesson in later["lessons"] if "missing" in lesson] == [True] * 6


def test_a_build_that_was_ended_goes_on_where_it_was(family, seen, tmp_path, monkeypatch):
    at, asked = Family.at, []

    def ending(self, gamma):
        asked.append(gamma)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return at(self, gamma)

    monkeypatch.setattr(Family, "at", ending)
    with pytest.raises(KeyboardInterrupt):
        measured.measure(family, lambda text: None, Kept(tmp_path))
    again = measured.measure(family, lambda text: None, Kept(tmp_path))
    assert asked[2:] == [asked[2], *(place.gamma for place in family.curve[2:])]
    np.testing.assert_array_equal(again.samples, seen.samples)
    np.testing.assert_array_equal(again.points, seen.points)


def test_what_no_build_used_for_a_month_goes_and_a_folder_of_others_is_no_harm(tmp_path):
    Kept(tmp_path)(b"old", lambda: b"1")
    (file,) = tmp_path.iterdir()
    os.utime(file, (0, 0))
    assert Kept(tmp_path)(b"new", lambda: b"2") == b"2" and not file.exists()
    assert Kept(tmp_path)(b"new", lambda: b"3") == b"2"
    (tmp_path / "file").touch()
    assert Kept(tmp_path / "file")(b"new", lambda: b"4") == b"4"


@pytest.mark.parametrize("missing", ["archive", "runtime"])
def test_without_an_archive_or_the_runtime_the_site_says_so(family, quick, missing, tmp_path, monkeypatch):
    if missing == "runtime":
        monkeypatch.setattr("app.site.packed.RUNTIME", tmp_path)
    elif not packed.is_complete():
        pytest.skip("onnxruntime-web is not here: python tools/vendor.py")
    said = []
    write_site([family], tmp_path / "site", said.append)
    about = [line for line in said if "live" in line]
    assert len(about) == 1 and {"archive": "cifar10.browser.zip", "runtime": "tools/vendor.py"}[missing] in about[0]
    (light,) = tmp_path.glob("site/*/data/families.json")
    assert json.loads(light.read_text()) == [{"is_live": False}]


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


def test_the_workflow_publishes_a_folder_that_pages_and_a_space_serve(quick, tmp_path, monkeypatch, capsys):
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text("utf-8"))["jobs"]["build"]["steps"]
    (step,) = (step["run"] for step in steps if "make site" in step.get("run", ""))
    commands = subprocess.run([*shlex.split(step), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    python, *arguments = shlex.split(commands.stdout.splitlines()[-1])
    assert arguments[:3] == ["-m", "ibinn_explorer", "site"]
    monkeypatch.chdir(tmp_path)
    main(arguments[3:])
    page = Path(capsys.readouterr().out.splitlines()[-1]).resolve()
    assert page.parent == tmp_path / "pages" / "explorer" and page.is_file()
    (artifact,) = (step["with"]["path"] for step in steps if "upload-pages-artifact" in step.get("uses", ""))
    assert page.is_relative_to(tmp_path / artifact)
    card = yaml.safe_load((page.parent / "README.md").read_text("utf-8").split("---")[1])
    assert card["sdk"] == "static" and (page.parent / card["app_file"]) == page
    assert len(card["short_description"]) <= 60 and (page.parent / MARK).is_file()
