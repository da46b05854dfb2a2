"""The numbers of the lessons are those of the models at hand, by another way than the lessons take."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import ibinn_core as ib
from app.answer import OUT
from app.images.pictures import sample
from app.lessons import bayes, calibration, gamma_places, there_and_back, unknown
from app.lessons.contents import LESSONS
from app.lessons.gamma import Gamma
from ibinn_core.checkpoint import CARD, default_folder, find, write_manifest
from ibinn_core.measures import BY_KEY

pytestmark = pytest.mark.usefixtures("no_data")
BY_NAME = {type(lesson).__name__: lesson for lesson in LESSONS}


@pytest.fixture
def other_numbers(tmp_path, show_checkpoints) -> Path:
    """The models of lesson six with other cards, and nothing else."""
    for id in ("gamma-1", "class-nll"):
        shutil.copytree(default_folder() / id, tmp_path / id, copy_function=lambda a, b: Path(b).symlink_to(a))
        card = json.loads((tmp_path / id / CARD).read_text())
        card["error"] = 0.375 if id == "gamma-1" else 0.875
        card["bits_per_dim"]["mean"] = 1.0
        (tmp_path / id / CARD).unlink()
        (tmp_path / id / CARD).write_text(json.dumps(card))
        write_manifest(tmp_path / id)
    show_checkpoints(tmp_path)
    return tmp_path


def test_what_comes_back_is_the_image():
    picture = sample(there_and_back.IMAGE)
    gone = there_and_back.journey("gamma-1", picture.pixels, picture.label)
    assert (gone.back == picture.pixels).all()
    model, x = ib.load("gamma-1"), ib.dequantize(ib.to_unit(picture.pixels[None]))
    exact = float((model.decode(model.encode(x)) - x).abs().max())
    assert 0 < gone.difference < 1
    assert gone.difference == pytest.approx(255 * exact, rel=0.5)
    said = float(BY_NAME["ThereAndBack"].values()["difference"])
    assert gone.difference <= said < gone.difference + 1.01e-4  # "no more than" is true of it


def test_bayes_rule_gives_the_posterior_of_the_model():
    picture, _, found = bayes.judged()
    posterior = ib.load("gamma-1").posterior(ib.dequantize(ib.to_unit(picture.pixels[None])))[0].numpy()
    assert np.allclose(found, posterior, atol=1e-3)
    assert 0.5 < posterior.max() < 0.95 and posterior.argmax() == picture.label
    values = BY_NAME["Bayes"].values()
    first, second = np.sort(posterior)[::-1][:2]
    assert float(values["factor"]) == pytest.approx(first / second, abs=0.15)


def test_the_asked_share_is_that_of_the_test_set():
    latent = find("gamma-1").latent
    sure, right = latent["posterior"].max(1), latent["posterior"].argmax(1) == latent["labels"]
    asked = (sure > 0.7) & (sure <= 0.8)
    assert calibration.reliability_of("gamma-1").observed[calibration.ASKED] == pytest.approx(right[asked].mean())
    assert BY_NAME["Calibration"].values()["count"] == f"{asked.sum():,}"


def test_the_verdicts_follow_from_the_likelihoods():
    every = unknown.judged()
    assert [one.id for one in every] == [option.id for option in BY_NAME["Unknown"].guess.options]
    model, checkpoint = ib.load("gamma-1"), find("gamma-1")
    log_prob = model.log_prob(ib.dequantize(ib.to_unit(np.stack([one.pixels for one in every])))).numpy()
    reference = checkpoint.latent["reference"]
    typical = ib.exploration.typicality(log_prob, reference) <= ib.exploration.typicality_threshold(reference)
    assert [one.verdict is not OUT for one in every] == typical.tolist()
    # What the lesson is about: some are noticed, and some pass although they are of no known class.
    strangers = [one.verdict is OUT for one in every if not one.is_known]
    assert any(strangers) and not all(strangers)


def test_the_score_is_that_of_table_1(monkeypatch, tmp_path):
    docs = Path(ib.__file__).resolve().parents[1] / "docs" / "table1.json"
    row = next(row for row in json.loads(docs.read_text())["rows"] if row["id"] == "gamma-1")
    assert unknown.detection_score() == row["cells"]["detection.cifar100"]["ours"] / 100
    assert "[ROC score]" in BY_NAME["Unknown"].reveal()
    monkeypatch.setenv("IBINN_RESULTS", str(tmp_path))
    assert unknown.detection_score() is None and "[ROC score]" not in BY_NAME["Unknown"].reveal()


def test_other_cards_give_other_numbers(other_numbers):
    lesson = BY_NAME["ClassNLL"]
    values = lesson.values()
    assert (values["error"], values["other_error"]) == ("88\u00a0%", "38\u00a0%")
    assert values["image_bits"] == "3,072"
    assert "88\u00a0%" in lesson.verdict("20")
    assert other_numbers.is_dir()


def test_what_the_collapse_costs_is_read_from_the_stored_latents():
    lesson = BY_NAME["ClassNLL"]
    nll, other = lesson._slopes()
    values = lesson.values()
    assert (nll.name, other.name) == ("class-NLL", "γ = 1") and nll.distance[0] == other.distance[0] == 0
    for slope, said in ((nll, values["rise"]), (other, values["other_rise"])):
        assert float(said) == pytest.approx(slope.loss[0] - slope.trained[1], abs=0.06 if slope is other else 6e-4)
    # At γ = 1 all but what the classes say is lost: from the cross-entropy as trained to that of a blind guess.
    entropy = BY_KEY["cross_entropy"].of_checkpoint(find("gamma-1"))
    assert other.loss[0] - other.trained[1] == pytest.approx(np.log(10) - entropy, abs=1e-2)
    assert 0 < nll.loss[0] - nll.trained[1] < 2 * np.log(10) / 3072
    before, after = (lesson.parts("", revealed)[1][-1] for revealed in (False, True))
    assert len(after.figure.data) == 2 * len(before.figure.data) == 4 and "class-NLL" not in before.alt


def test_a_missing_model_is_said_in_a_sentence(other_numbers):
    shutil.rmtree(other_numbers / "class-nll")
    assert "'class-nll'" in BY_NAME["ClassNLL"].missing()
    assert not BY_NAME["Bayes"].missing()
    assert "at least two γ" in BY_NAME["Gamma"].missing()


def test_the_places_of_gamma_are_the_measured_curve():
    found = gamma_places.places()
    family = ib.family("cifar10")
    assert found.gammas == [place.gamma for place in family.curve]
    assert found.points.shape == (len(found.gammas), len(found.labels), 2)
    assert found.gammas[found.nearest(1)] == 1
    assert found.gammas[found.nearest(1.001)] == 1
    # The classes part as γ grows: what the lesson says that the picture shows.
    apart = []
    for place in (found.nearest(0.02), found.nearest(35.65)):
        points = found.points[place]
        centers = np.stack([points[found.labels == k].mean(0) for k in range(10)])
        apart.append(centers.var(0).sum() / (points - centers[found.labels]).var(0).sum())
    assert apart[1] > 2 * apart[0]


def test_samples_of_a_place_are_those_of_its_model():
    import torch

    found = gamma_places.places()
    place = found.nearest(1)
    noise = torch.randn((10, 3072), generator=torch.Generator().manual_seed(gamma_places.SEED))
    expected = ib.to_uint8(ib.load("gamma-1").sample(list(range(10)), noise=noise))
    drawn = found.samples(place)
    assert np.abs(drawn.pixels.astype(int) - expected).max() <= 1
    assert drawn.pixels is found.samples(place).pixels


def test_samples_that_are_mostly_out_of_range_are_seen_scaled():
    found = gamma_places.places()
    drawn = found.samples(found.nearest(35.65))
    outside = drawn.white > 0
    assert outside.any() and (drawn.white > 1.5).any()
    spread = [pictures[outside].reshape(outside.sum(), -1).std(1) for pictures in (drawn.pixels, drawn.shown)]
    assert (spread[1] > 10).all() and np.median(spread[1]) > 20  # something is to be seen


def test_the_answer_about_gamma_is_what_was_measured():
    lesson = Gamma()
    cards = [find(id).card for id in ("gamma-0.02", "gamma-35.65")]
    fewer, less = (
        cards[1]["error"] < cards[0]["error"],
        (cards[1]["bits_per_dim"]["mean"] > cards[0]["bits_per_dim"]["mean"]),
    )
    right = f"{'fewer' if fewer else 'more'}-{'less' if less else 'more'}"
    assert lesson.verdict(right).startswith("You are right")
    wrong = next(option.id for option in lesson.guess.options if option.id != right)
    assert lesson.verdict(wrong).startswith("The measures say otherwise")
    assert lesson.values()["error_low"] == f"{cards[0]['error']:.1%}".replace("%", "\u00a0%")
