"""The numbers of the lessons agree with the models, computed in another way."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import ibinn_core as ib
from app.figures.classes import OTHER
from app.latent_space.plane import Plane
from app.lessons import calibration, gamma, there_and_back, unknown
from app.lessons.course import LESSONS
from app.panel import Plot
from app.results.questions import measured_detection
from app.widgets.tiles import Tiles
from ibinn_core.checkpoint import find
from ibinn_core.measures import BY_KEY

pytestmark = pytest.mark.usefixtures("no_data")


def parts_of(name: str, kind: type, guess: str = "", revealed: bool = True) -> list:
    """The figures or grids that a lesson draws."""
    return [part for part in LESSONS[name].found(revealed).draw(guess, revealed) if isinstance(part, kind)]


def test_what_comes_back_is_the_image_and_the_answer_is_hidden_before():
    (_, hidden), (way, shown) = (parts_of("there-and-back", Tiles, revealed=revealed) for revealed in (False, True))
    pixels = there_and_back.image().pixels
    assert (way.images[0] == pixels).all() and (shown.images[0] == pixels).all()
    assert len({image.tobytes() for image in shown.images}) == 3
    assert [one.captions[0].startswith("✓") for one in (hidden, shown)] == [False, True]
    model, x = ib.load("gamma-1"), ib.dequantize(ib.to_unit(pixels[None]))
    exact = 255 * float((model.decode(model.encode(x)) - x).abs().max())
    said = float(LESSONS["there-and-back"].found().values["difference"])
    assert 0.5 * exact < said < 2 * exact + 1e-4 and said < 1


def test_bayes_rule_gives_the_posterior_of_the_model():
    found = LESSONS["bayes"].found()
    picture = ib.data.embedded("cifar10")[0][int(found.values["image"].removeprefix("sample-"))]
    posterior = ib.load("gamma-1").posterior(ib.dequantize(ib.to_unit(picture[None])))[0].numpy()
    assert found.right == pytest.approx(posterior.max(), abs=1e-3) and 0.5 < found.right < 0.95
    first, second = np.sort(posterior)[::-1][:2]
    assert float(found.values["factor"]) == pytest.approx(first / second, abs=0.15)
    likelihoods, hidden = parts_of("bayes", Plot, revealed=False)
    assert likelihoods.figure.data[0].x.max() == 0 and not hidden.figure.data[0].x.any()
    _, bars = parts_of("bayes", Plot, "40")
    assert np.allclose(bars.figure.data[0].x, posterior, atol=1e-3) and bars.figure.layout.shapes[0].x0 == 0.4


def test_the_asked_share_is_that_of_the_test_set():
    latent = find("gamma-1").latent
    sure, right = latent["posterior"].max(1), latent["posterior"].argmax(1) == latent["labels"]
    asked = (sure > calibration.ASKED / 15) & (sure <= (calibration.ASKED + 1) / 15)
    found = LESSONS["calibration"].found()
    assert found.right == pytest.approx(right[asked].mean()) and found.values["count"] == f"{asked.sum():,}"
    (before,) = parts_of("calibration", Plot, "60", revealed=False)
    assert before.figure.data[-1].y[0] == 0.6 and len(before.figure.data) == 2  # the line and the guess
    assert len(parts_of("calibration", Plot)) == 2


def test_the_verdicts_follow_from_the_likelihoods():
    found = LESSONS["unknown"].found()
    assert [*unknown.pictures()] == [*LESSONS["unknown"].options]
    pixels = np.stack([image for _, image in unknown.pictures().values()])
    log_prob = ib.load("gamma-1").log_prob(ib.dequantize(ib.to_unit(pixels))).numpy()
    reference = find("gamma-1").latent["reference"]
    out = ib.exploration.typicality(log_prob, reference) > ib.exploration.typicality_threshold(reference)
    assert found.right == [name for name, is_out in zip(unknown.pictures(), out, strict=True) if is_out]
    # What the lesson is about: some are noticed, and some pass although they are of no known class.
    assert not out[0] and out[1:].any() and not out[1:].all()
    (grid,) = parts_of("unknown", Tiles, "frog,digit")
    assert grid.marks == [f"guess {'✓' if one == (n in (0, 3)) else '✗'}" for n, one in enumerate(out)]


def test_the_score_is_that_of_table_1(monkeypatch, tmp_path):
    docs = Path(ib.__file__).resolve().parents[1] / "docs" / "table1.json"
    row = next(row for row in json.loads(docs.read_text())["rows"] if row["id"] == "gamma-1")
    ours = row["cells"]["detection.cifar100"]["ours"]
    assert measured_detection("gamma-1").areas["cifar100"] == ours / 100
    assert f"ROC score is {ours:.0f}\u00a0%" in LESSONS["unknown"].found().values["limit"]
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    assert LESSONS["unknown"].found().values["limit"] == ""


def test_what_the_collapse_costs_is_read_from_the_stored_latents():
    values = LESSONS["class-nll"].found().values
    (slopes,) = parts_of("class-nll", Plot)
    lines = slopes.figure.data[::2]
    assert [line.name for line in lines] == ["class-NLL", "γ = 1"] and all(line.y[0] == 0 for line in lines)
    assert [line.y.min() for line in lines] == pytest.approx(
        [-float(values["rise"]), -float(values["other_rise"])], abs=0.06
    )
    # At γ = 1 all but what the classes say is lost: from the cross-entropy as trained to that of a blind guess.
    entropy = BY_KEY["cross_entropy"].of_checkpoint(find("gamma-1"))
    assert float(values["other_rise"]) == pytest.approx(np.log(10) - entropy, abs=0.06)
    assert 0 < float(values["rise"]) < 2 * np.log(10) / 3072
    (slope,) = parts_of("class-nll", Plot, revealed=False)
    hidden, _ = parts_of("class-nll", Plane, revealed=False)
    assert len(slope.figure.data) == 2 and "class-NLL" not in slope.alt and set(hidden.groups) == {OTHER}


def test_style_leaves_the_posterior_and_a_class_does_not():
    values = LESSONS["style"].found().values
    assert float(values["change"]) < 1e-5 < float(values["pictures"]) and 0 < float(values["alpha"]) < 1
    (grid,) = parts_of("style", Tiles)
    assert grid.images.shape[:2] == (2, 5) and grid.captions[4].split("\n")[1] == grid.captions[0].split("\n")[1]
    assert grid.captions[9].split("\n")[1].startswith("ship")


def test_the_answer_about_gamma_is_what_was_measured():
    found = LESSONS["gamma"].found()
    low, high = (find(id).card for id in ("gamma-0.02", "gamma-35.65"))
    is_worse = high["bits_per_dim"]["mean"] > low["bits_per_dim"]["mean"]
    assert found.right == [f"{'fewer' if high['error'] < low['error'] else 'more'}-{'less' if is_worse else 'more'}"]
    assert found.values["error_low"] == f"{low['error']:.1%}".replace("%", "\u00a0%")


def test_the_samples_of_gamma_are_those_of_the_model_at_the_slider():
    (grid,) = parts_of("gamma", Tiles, revealed=False)
    noise = torch.randn((gamma.COLUMNS, 3072), generator=torch.Generator().manual_seed(gamma.SEED))
    expected = ib.to_uint8(ib.load("gamma-0.02").sample([gamma.CLASSES[1]] * gamma.COLUMNS, noise=noise))
    assert np.abs(grid.images[1].astype(int) - expected).max() <= 1
