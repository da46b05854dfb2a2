"""The widget of a notebook, in Python: its traits, and its answers to the front end."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from checkpoint_helpers import colourful_images
from ibinn_explorer.app.notebook.subject import Subject
from shape_helpers import small_flow

import ibinn_core as ib
from ibinn_core.models.classifier import GenerativeClassifier, UnsupportedError
from ibinn_explorer import explore

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def family(measured):
    return ib.family("cifar10", measured)


@pytest.fixture(scope="module")
def some():
    images, labels = colourful_images(300)
    return images[:30], labels[:30]


@pytest.fixture
def widget(family, some):
    return explore(family.at(0.5), *some)


def seen(model, images):
    return {k: v.numpy() for k, v in model.evaluate(ib.dequantize(ib.to_unit(images), model.noise)).items()}


def answer(widget, **question):
    answers = []
    widget.send = lambda content, buffers: answers.append((content, buffers))
    widget._hear(widget, {"id": "7", **question}, [])
    ((content, buffers),) = answers
    assert content.pop("id") == "7"
    return content, buffers


def test_dots_lie_where_the_model_puts_them(family, widget, some):
    model = family.at(0.5)
    basis = ib.exploration.plane_of_means(model.class_means, 2)
    np.testing.assert_allclose(widget.points, ib.exploration.project(seen(model, some[0])["latents"], basis), atol=1e-4)
    given = np.frombuffer(widget._places, "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(given[:30], widget.points)
    np.testing.assert_allclose(given[30:], ib.exploration.project(model.class_means.numpy(), basis), atol=1e-4)
    assert widget.gamma == 0.5 and widget._given["groups"] == some[1].tolist()
    posterior = seen(model, some[0])["posterior"][0]
    assert widget._chosen["row"] == 0 and f"{posterior.max():.0%}" in widget._chosen["said"]
    np.testing.assert_allclose(widget._chosen["shares"], posterior, atol=1e-5)
    assert widget._chosen["bars"]["names"] == [*widget._given["names"]]
    assert widget._chosen["bars"]["label"] == some[1][0]


def test_rows_can_be_set_and_observed(widget):
    heard = []
    widget.observe(lambda change: heard.append(change["new"].tolist()), "rows")
    widget.rows = [5, 2, 5]
    widget.rows = np.array([2, 5])
    widget.set_state({"rows": [1, 2]})  # as the front end does
    assert heard == [[2, 5], [1, 2]]
    assert widget.get_state("rows") == {"rows": [1, 2]}
    widget.rows = []
    assert heard[-1] == [] and widget.rows.dtype.kind == "i"
    with pytest.raises(ValueError, match="read-only"):
        widget.rows[:] = 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("rows", [30]), ("rows", [-1]), ("rows", [0.5]), ("rows", 3), ("row", 30), ("row", -1)]
    + [("point", (float("nan"), 0)), ("gamma", -1.0), ("gamma", None)],
)
def test_what_cannot_be_is_refused_and_nothing_changes(widget, name, value):
    before = widget.get_state()
    with pytest.raises(traitlets.TraitError) as caught:
        setattr(widget, name, value)
    assert "\n" not in str(caught.value)
    assert repr(widget.get_state()) == repr(before)


def test_the_star_is_moved_within_the_plane_and_keeps_all_else(family, widget, some):
    model, home = family.at(0.5), widget.points[4]
    widget.row = 4
    began = widget.latent
    widget.point = tuple(float(v) for v in home + [1, -0.5])
    basis = ib.exploration.plane_of_means(model.class_means, 2)
    np.testing.assert_allclose(ib.exploration.project(widget.latent, basis)[0], widget.point, atol=1e-4)
    step = (widget.latent - began)[0].numpy()
    np.testing.assert_allclose(step - step @ basis.directions.T @ basis.directions, 0, atol=1e-5)
    np.testing.assert_array_equal(widget.image, ib.to_uint8(model.decode(widget.latent))[0])
    content, (pixels,) = answer(widget, kind="move", point=widget.point)
    np.testing.assert_array_equal(np.frombuffer(pixels, np.uint8).reshape(widget.image.shape), widget.image)
    posterior = model.mixture.log_posterior(widget.latent).exp()[0].numpy()
    np.testing.assert_allclose(content["shares"], posterior, atol=1e-5)
    of_picture = seen(model, widget.image[None])["posterior"][0]
    assert f"{of_picture.max():.0%}" in content["said"]
    widget.row = 5
    assert widget.point is None


def test_the_cloud_follows_gamma(family, widget, some):
    content, (places,) = answer(widget, kind="cloud", gamma="inf")
    assert content == {}
    widget.point = (0.0, 0.0)
    widget.set_state({"gamma": "inf"})
    assert widget.gamma == float("inf") and widget.point is None and widget.get_state("gamma") == {"gamma": "inf"}
    assert places == widget._places
    np.testing.assert_allclose(np.frombuffer(places, "<f4").reshape(-1, 2)[:30], widget.points)
    model = family.at(float("inf"))
    assert torch.equal(widget.model.class_means, model.class_means)
    found = ib.exploration.project(seen(model, some[0])["latents"], widget._subject.plane(float("inf")))
    np.testing.assert_allclose(found, widget.points, atol=1e-4)
    assert len(np.frombuffer(places, "<f4")) == 2 * (30 + model.num_classes)
    first = widget._subject.cloud(0.5).means
    turned = widget._subject.cloud(float("inf")).means
    # The plane is turned so that classes stay: not mirrored.
    one, other = first - first.mean(0), turned - turned.mean(0)
    assert np.square(other - one).sum() < np.square(other @ np.diag([1, -1]) - one).sum()


def test_the_track_has_the_images_of_the_curve(family, widget, some):
    hashes = family.arrays["hashes"]
    images, labels = colourful_images(300)
    rows = ib.data.locate(hashes, images)
    known = explore(family.at(0.5), images[rows[:9]], labels[rows[:9]])
    places = len(family.curve)
    track = np.frombuffer(known._track, "<i2")
    assert len(track) == places * 2 * (9 + known.model.num_classes)
    at = [place.gamma for place in family.curve].index(0.5)
    points = track.reshape(places, -1, 2)[at, :9] * known._given["slider"]["scale"]
    np.testing.assert_allclose(points, known.points, atol=0.15)  # measured under another noise, in 16 bits
    strange = explore(family.at(0.5), 255 - images[rows[:2]])
    assert strange._track == b""


def test_any_model_has_a_plane_and_what_it_cannot_answer_is_said(some):
    model = GenerativeClassifier(small_flow((3, 32, 32)), num_classes=2).eval().double()
    alone = explore(model, some[0], classes=list("ab"))
    assert alone.gamma is None and alone._given["slider"] is None and alone._given["names"] == list("ab")
    for count in (1, 5):
        plane = Subject(model, some[0][:count]).plane(None)
        np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
    beyond = {"kind": "dot", "row": 30}
    for question in ({"kind": "cloud", "gamma": 1}, {"kind": "dance"}, {"kind": "move", "point": "here"}, beyond):
        assert "problem" in answer(alone, **question)[0]
    alone.point = (1.0, 1.0)
    assert alone.latent.dtype == torch.float64 and alone.image.shape == (32, 32, 3)


def test_what_it_cannot_show_is_said_in_a_sentence(family, some):
    model = family.at(0.5)
    images, labels = some
    with pytest.raises(UnsupportedError):
        explore(ib.load("resnet"), images)
    for given, words in [
        ((images[:, :16],), "takes images of 32 x 32 x 3"),
        ((images[:0],), "at least one image"),
        ((images.astype(float),), "uint8"),
        ((images, labels[:3]), "30 whole numbers"),
        ((images, labels.astype(int) + 99), "from 0 to"),
        ((images, None, ("a",)), "1 are named"),
    ]:
        with pytest.raises(ValueError, match=words) as caught:
            explore(model, *given)
        assert "\n" not in str(caught.value)


def test_without_anywidget_it_says_so(family, some, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match="needs the package anywidget: pip install") as caught:
        explore(family.at(0.5), *some)
    assert "[notebook]" in str(caught.value) and "\n" not in str(caught.value)


PROGRAM = """
import sys
sys.modules["streamlit"] = None
import numpy as np
import ibinn_core as ib
print({"anywidget", "plotly", "ibinn_explorer"} & {*sys.modules})
from shape_helpers import small_flow
from ibinn_explorer import explore, figures
import app
model = ib.GenerativeClassifier(small_flow((3, 32, 32)), num_classes=3).eval()
widget = explore(model, np.zeros((2, 32, 32, 3), np.uint8))
from app import MINE
print(widget.points.shape, callable(figures.posterior_bars), app.MINE + MINE)
"""


@pytest.mark.slow
def test_it_needs_no_streamlit_and_an_app_of_yours_is_neither_in_the_way_nor_hidden(tmp_path):
    (tmp_path / "app.py").write_text("MINE = 7\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "core" / "helpers")))
    command = [sys.executable, "program.py"]
    given = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=given)
    assert ended.stdout == "set()\n(2, 2) True 14\n", ended.stderr
