"""The static site: the data of its views at first, and its files."""

import base64
import json
import os
import re
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from checkpoint_helpers import one_sentence
from curve_helpers import save_family
from site_helpers import shared_site

import ibinn_core as ib
from app.controls import opening_state
from app.latent_space import clouds
from app.lessons.course import Link
from app.models import asking
from app.panels import sample
from app.site import kept, packed
from app.site.kept import Kept
from app.site.lessons import _link
from app.site.pages import showing, write_site
from ibinn_explorer.site import main

pytestmark = pytest.mark.slow  # the pictures of a site take half a minute to compute

ROOT = Path(__file__).resolve().parents[3]
PIXELS = quote(base64.b64encode(ib.data.embedded("cifar10")[0][3]), safe="")
SAME = "The same", f"#view=test&tab=judge&data=cifar10&gamma=1&image={PIXELS}"


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
def files(site):
    """The folder of all files but the page."""
    (data,) = site.glob("*/data")
    return data.parent


@pytest.fixture(scope="module")
def views(files):
    """The first data of the views, by the names of their files."""
    return {
        path.stem.removeprefix("cifar10-"): json.loads(path.read_text("utf-8")) for path in files.glob("data/*.json")
    }


@pytest.fixture
def quick(monkeypatch):
    """Sites have neither views nor lessons, which take seconds."""
    monkeypatch.setattr("app.site.pages.views_of", lambda *given: {"test": {}})
    monkeypatch.setattr("app.site.pages.lesson_of", lambda lesson: {})


def test_the_sites_samples_are_those_with_which_the_app_opens(views):
    with showing("cifar10"):
        view = sample.PANEL.views(opening_state(sample.PANEL.state))[0]
        rows = asking.ask_all(view.needs)
    (part,) = views["sample"]["parts"]
    wanted = np.concatenate([row.shown for row in rows])
    found = np.frombuffer(base64.b64decode(part["data"]["pixels"]), np.uint8)
    np.testing.assert_array_equal(found, wanted.ravel())


def test_the_sites_plane_has_the_images_that_follow_the_curve(views, family):
    (part,), later = views["look"]["parts"], views["look-later"]
    track = clouds.track(family)
    dots = np.frombuffer(base64.b64decode(part["data"]["places"]), "<f4").reshape(-1, 2)
    whole = np.frombuffer(base64.b64decode(later["track"]["places"]), "<i2") * later["track"]["scale"]
    np.testing.assert_allclose(whole.reshape(track.points.shape), track.points, atol=later["track"]["scale"])
    labels = np.frombuffer(base64.b64decode(later["details"]["labels"]), "<i2")
    np.testing.assert_array_equal(labels, family.members[0].latent["labels"][track.rows])
    assert len(dots) == len(labels) == len(track.rows)


def test_a_site_is_a_folder_that_needs_nothing_else(family, site, files, views):
    html = (site / "index.html").read_text()
    assert "<!--" not in html and "://" not in html
    sources = [part.split('"')[0] for part in html.replace('href="', 'src="').split('src="')[1:]]
    for source in sources:
        assert source == "data:," or (site / source).is_file(), source
    for module in files.glob("static/*/*.js"):
        for name in re.findall(r'^(?:import|export) [^"]* from "(\.[^"]+)";$', module.read_text("utf-8"), re.M):
            assert (module.parent / name).is_file(), (module, name)
    vendored = {path.name for path in files.glob("static/vendor/*")}
    assert vendored - {"ort"} <= {"plotly.min.js", "plotly-cartesian-LICENSE.txt", "gifenc.js", "gifenc-LICENSE.txt"}
    (light,), lessons = views["site"]["families"], views["site"]["lessons"]
    assert light["title"] == "CIFAR-10"
    assert [tick["gamma"] for tick in light["slider"]["ticks"]] == [0, 0.5, 8, "inf"]
    assert [place["error"] for place in light["slider"]["places"]] == [place.error for place in family.curve]
    assert ["missing" in views[f"lesson-{name}"] for name in lessons].count(True) == len(lessons) - 1


@pytest.mark.parametrize(
    "link, shown",
    [
        (Link("All", "results", {}), ("All", "#view=results&data=cifar10&gamma=1")),
        (Link("The same", "test-an-image", {"tab": "judge", "image": "sample-3", "models": "gamma-1"}), SAME),
        (
            Link("A letter", "test-an-image", {"tab": "write", "data": "mnist", "strokes": "A1ka"}),
            ("A letter", "#view=test&tab=write&strokes=A1ka&data=mnist&gamma=1"),
        ),
        (Link("Watch", "playground", {"play": "moons~a:ib:0.1"}), ("Watch", "#view=playground&play=moons~a:ib:0.1")),
        (Link("Calibration", "results", {"tab": "calibration"}), None),
        (Link("Both", "explore", {"models": "gamma-1,class-nll"}), None),
        (Link("Start", "", {}), None),
    ],
)
def test_a_lesson_leads_only_to_what_the_site_has(link, shown):
    found = _link(link)
    assert (found and (found["label"], found["url"])) == shown


def test_the_first_view_is_small_and_fetches_neither_plotly_nor_the_runtime(site, files):
    first = re.findall(r'(?:href|src)="([^"]+/static/[^"]+)"', (site / "index.html").read_text())
    assert not any("figure.js" in path or "flow/model" in path or "vendor" in path for path in first)
    paths = [site / "index.html", files / "data" / "site.json", *(site / path for path in first)]
    assert sum(path.stat().st_size for path in paths) < 150_000


def test_two_builds_at_once_write_no_file_together(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(kept, "write_bytes", lambda path, data: written.append(path))
    for process in (1, 2):
        monkeypatch.setattr(os, "getpid", lambda process=process: process)
        Kept(tmp_path)(b"key", lambda: b"1")
    assert len(set(written)) == 2


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
        pytest.skip("onnxruntime-web is not here: python tools/vendor.py flow")
    said = []
    write_site([family], tmp_path / "site", said.append)
    about = [line for line in said if "live" in line]
    assert len(about) == 1 and {"archive": "cifar10.browser.zip", "runtime": "tools/vendor.py"}[missing] in about[0]
    (light,) = tmp_path.glob("site/*/data/site.json")
    assert json.loads(light.read_text())["families"][0]["is_live"] is False


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
