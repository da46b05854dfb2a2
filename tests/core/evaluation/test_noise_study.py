"""Fig. 10: what is measured of models that differ in the noise of their training."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from checkpoint_helpers import build_parts, colourful_images, fake_umap, one_sentence, small_model

from ibinn_core import __main__, to_unit
from ibinn_core.evaluation import latent_views, score_images
from ibinn_core.evaluation.noise_study import Study, ordered, slopes, study, write_studies
from ibinn_core.training import Trainer, TrainingConfig


@pytest.fixture
def model():
    return small_model()


@pytest.mark.parametrize("noise", [1e-3, 0.05, "uniform"])
def test_a_study_is_the_formulas(model, noise):
    model.noise = noise
    images, labels = colourful_images(40)
    found = study(model, images, labels, batch=40)
    generator = torch.Generator().manual_seed(0)
    x = to_unit(images)
    if noise == "uniform":
        x, entropy = x + (torch.rand(x.shape, generator=generator) - 0.5) / 256, -3072 * math.log(256)
    else:
        x = x + noise * torch.randn(x.shape, generator=generator)
        entropy = 3072 / 2 * math.log(2 * math.pi * math.e * noise**2)  # d log sqrt(2πe σ²), Eq. 38
    expected = -model.log_prob(x).double().mean().item()
    assert found.l_x == pytest.approx(expected, rel=1e-5)
    assert found.cross_information == pytest.approx(expected - entropy, rel=1e-5)
    log_posterior = model.mixture.log_posterior(model.encode(x)).double()
    assert found.l_y == pytest.approx(log_posterior[torch.arange(40), torch.from_numpy(labels)].mean().item(), rel=1e-3)
    scores = score_images(model, images)
    assert found.error == (scores.posterior.argmax(1) != labels).mean() and found.sigma == noise
    nll = -scores.log_prob.astype(np.float64).mean() / 3072
    offset = math.log(256) if noise == "uniform" else -math.log(2 * math.pi * noise**2) / 2  # Eq. 42, in nats
    assert found.bits_per_dim == pytest.approx((nll + offset) / math.log(2), rel=1e-6)


def test_the_same_each_time_and_the_model_as_before(model):
    model.noise = 0.01
    images, labels = colourful_images(20)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert study(model, images, labels) == study(model, images, labels)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_without_a_likelihood_is_refused():
    with pytest.raises(ValueError, match="needs a model with a likelihood"):
        study(torch.nn.Identity(), *colourful_images(3))


def of(sigma, cross_information) -> Study:
    return Study(sigma, 0.0, 0.0, 0.0, 0.0, cross_information)


def test_slopes_are_one_where_ci_falls_as_mutual_information_does():
    d = 10
    exact = [of(sigma, 7 - d * math.log(sigma)) for sigma in (1e-4, 1e-3, 0.5)]
    assert slopes(exact, d) == pytest.approx([1, 1, None], abs=1e-12)
    flat = [of(0.1, 5.0), of(0.1, 5.0), of(1.0, 5.0), of("uniform", 5.0)]
    assert slopes(flat, d) == [None, 0, None, None]
    assert slopes([], d) == []


def test_a_file_of_studies_in_the_order_of_sigma(tmp_path):
    studies = {"b": of("uniform", 1.0), "c": of(0.1, 2.0), "a": of(0.001, 3.0)}
    assert list(ordered(studies)) == ["a", "c", "b"]
    write_studies(studies, 3072, tmp_path / "new" / "sigma.csv")
    with open(tmp_path / "new" / "sigma.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["a", "c", "b"] and rows[2]["sigma"] == "uniform"
    assert float(rows[0]["slope"]) == pytest.approx(1 / (3072 * math.log(100))) and rows[1]["slope"] == ""


@pytest.mark.slow
def test_the_command(tmp_path, monkeypatch, capsys):
    images, labels = colourful_images(40)
    np.savez(tmp_path / "cifar10.npz", x_test=images, y_test=labels)
    monkeypatch.setenv("IBINN_DATA", str(tmp_path))
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setattr(latent_views, "_umap", fake_umap)
    parts = build_parts()
    for sigma in (0.1, 1e-3):
        training = {**parts.config["training"], "noise": sigma}
        parts._replace(config={**parts.config, "training": training}).save(tmp_path / "checkpoints" / f"s-{sigma}")
    assert __main__.main(["sigma", "s-0.1", "s-0.001", "--to", str(tmp_path / "sigma.csv")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in out[:-1]] == ["s-0.001", "s-0.1"] and "sigma 0.001" in out[0]
    assert "slope" in out[0] and "slope" not in out[1] and out[-1] == str(tmp_path / "sigma.csv")
    config = TrainingConfig.from_dict(parts.config["training"])
    trainer = Trainer(
        replace(config, noise=0.01, epochs=1, batch_size=20, held_out=0), images, labels, tmp_path / "run"
    )
    trainer.run()
    np.savez(tmp_path / "cifar10.npz", x_test=images, y_test=labels, x_train=images, y_train=labels)
    assert __main__.main(["sigma", str(tmp_path / "run"), "s-0.1"]) == 0  # a training needs no export
    assert [line.split(";")[0] for line in capsys.readouterr().out.splitlines() if ": sigma" in line] == [
        "run: sigma 0.01",
        "s-0.1: sigma 0.1",
    ]
    assert __main__.main(["sigma", "s-0.1", str(tmp_path / "checkpoints" / "s-0.1")]) == 1
    one_sentence(capsys.readouterr().err, "two of the models have the same name")
    assert __main__.main(["sigma", "s-7"]) == 1
    one_sentence(capsys.readouterr().err, "There is no checkpoint 's-7'")
