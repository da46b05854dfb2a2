"""Every checkpoint that the repository carries: it inverts, and its card and latents are true of it.

Only the outputs that a kind of model has are tested.

``IBINN_CHECKPOINTS=folder pytest tests/core/checkpoint/test_committed_models.py`` tries checkpoints elsewhere.
"""

import numpy as np
import pytest
import torch
from shape_helpers import OF_COLOUR, OF_GREY

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint.format import LIMITS
from ibinn_core.evaluation.latent_views import described_rows
from ibinn_core.measures.calibration import calibration, top_label_error
from ibinn_core.models.kinds import KINDS
from ibinn_core.models.preprocessing import UNIFORM, add_noise, bits_per_dim

CHECKPOINTS, REFUSED = registry.scan()
BATCH = 500  # images that evaluation draws dequantisation noise for at once
QUICK = ("gamma-1", "mnist-gamma-1")  # which make test looks at too


@pytest.fixture(
    params=[pytest.param(c, marks=[] if c.id in QUICK else pytest.mark.slow, id=c.id) for c in CHECKPOINTS],
    scope="module",
)
def entry(request):
    return request.param


@pytest.fixture(scope="module")
def model(entry):
    return ib.load(entry)


def test_there_are_checkpoints_and_all_of_them_are_readable():
    assert CHECKPOINTS, f"{registry.folders()[0]} holds no checkpoint"
    assert not REFUSED, [refusal.reason for refusal in REFUSED]
    photographs = [KINDS[c.model].has_likelihood for c in CHECKPOINTS if c.dataset.name == "cifar10"]
    assert photographs == sorted(photographs, reverse=True)  # the other kinds come last


def tolerance_of(entry) -> float:
    """Of a reconstruction: the more a model is a classifier alone, the more it stretches."""
    if not entry.has_likelihood:
        return 1e-2
    gamma = entry.gamma if entry.gamma is not None else 0.0
    return 1e-4 if gamma <= 1.2 else 1e-3 if gamma < np.inf else 1e-2


def test_it_inverts(entry, model):
    if KINDS[entry.model].is_invertible:
        x = ib.to_unit(ib.data.embedded(entry.dataset.name)[0])
        assert (ib.load(entry.path).decode(model.encode(x)) - x).abs().max() < tolerance_of(entry)


def noise_of(entry, rows: np.ndarray) -> torch.Tensor | float:
    """The dequantisation noise that these rows of the test set were measured with: drawn for all, in order."""
    if entry.noise != UNIFORM:
        return 0.0
    count = entry.card["measured"]["images"]
    generator = torch.Generator().manual_seed(entry.card["measured"]["noise_seed"])
    batches = [min(BATCH, count - start) for start in range(0, count, BATCH)]
    noise = [add_noise(torch.zeros(size, *entry.dataset.image_shape), UNIFORM, generator) for size in batches]
    return torch.cat(noise)[described_rows(count, entry.dataset.num_classes)[rows]]


@pytest.mark.slow
def test_the_embedded_images_come_out_as_they_were_measured(entry, model):
    """Without a data set: the same images with the same noise, found by the hashes of their pixels."""
    images, labels = ib.data.embedded(entry.dataset.name)
    order = {value: row for row, value in enumerate(entry.latent["hashes"])}
    known = np.array([value in order for value in ib.data.pixel_hash(images)])
    if not entry.custom_split:
        assert known.sum() >= 15  # a copy of the test set may lack a few
    elif not known.any():  # with our own split, the embedded images may be anywhere
        return
    rows = np.array([order[value] for value in ib.data.pixel_hash(images[known])])
    np.testing.assert_array_equal(entry.latent["labels"][rows], labels[known])
    x = ib.to_unit(images[known]) + noise_of(entry, rows)
    seen = {name: value.numpy() for name, value in model.evaluate(x).items()}
    # Another machine, or other threads, change float32 by a tenth of this. Another draw of the noise: 0.1 bits/dim.
    if entry.has_likelihood:
        recorded = bits_per_dim(entry.latent["log_prob"][rows].astype(np.float64), entry.dataset.dims, entry.noise)
        found = bits_per_dim(seen["log_prob"].astype(np.float64), entry.dataset.dims, entry.noise)
        np.testing.assert_allclose(found, recorded, atol=2e-5)
    np.testing.assert_allclose(seen["posterior"], entry.latent["posterior"][rows], atol=2e-4)


def test_the_card_says_what_the_latents_say(entry):
    arrays, card = entry.latent, entry.card
    posterior, labels = arrays["posterior"], arrays["labels"].astype(int)
    count = card["measured"]["images"]
    assert count == entry.config["data"]["test_images"]
    assert len(labels) == len(described_rows(count, entry.dataset.num_classes))
    np.testing.assert_allclose(posterior.sum(1), 1, atol=1e-4)
    if KINDS[entry.model].is_invertible:
        assert card["reconstruction"] < tolerance_of(entry)
    wrong = posterior.argmax(1) != labels
    if len(labels) < count:  # of many classes, some images are described
        pairs = [(wrong, card["error"]), (posterior.max(1), card["confidence"])]
        if entry.has_likelihood:
            bits = bits_per_dim(arrays["log_prob"].astype(np.float64), entry.dataset.dims, entry.noise)
            pairs.append((bits, card["bits_per_dim"]["mean"]))
        assert all(abs(some.mean() - whole) < 4 * some.std() / np.sqrt(len(labels)) for some, whole in pairs)
        return
    assert wrong.mean() == pytest.approx(card["error"], abs=1e-12)
    if entry.has_likelihood:
        bits = bits_per_dim(arrays["log_prob"].astype(np.float64), entry.dataset.dims, entry.noise)
        figures = {"mean": bits.mean(), "median": np.median(bits), "worst": bits.max()}
        assert card["bits_per_dim"] == pytest.approx(figures, abs=1e-9)
    assert card["calibration_top_label"] == pytest.approx(top_label_error(posterior, labels), abs=1e-9)
    paper = calibration(posterior, labels)
    assert card["calibration_paper"] == pytest.approx(
        {"ece": paper.expected, "mce": paper.maximum, "ice": paper.integrated, "geometric_mean": paper.geometric_mean}
    )
    assert card["confidence"] == pytest.approx(posterior.max(1).mean(), abs=1e-5)


def test_the_latents_belong_to_the_weights(entry, model):
    assert len(np.unique(entry.latent["hashes"])) > 0.99 * len(entry.latent["hashes"])
    if entry.has_likelihood:
        means = model.class_means.numpy()
        np.testing.assert_allclose(entry.latent["class_means"], means, rtol=0, atol=2e-6 * max(1, np.abs(means).max()))
        # Held-out training images are as likely as test images.
        reference, test = (entry.latent[name].astype(np.float64) for name in ("reference", "log_prob"))
        assert abs(reference.mean() - test.mean()) < 5 * test.std() / np.sqrt(len(reference))


def test_along_its_styles_its_attributes_change_and_no_posterior(entry, model):
    if not entry.has_likelihood:
        return
    styles = entry.style
    assert styles.attributes == (OF_COLOUR if entry.dataset.image_shape[0] == 3 else OF_GREY)
    assert len(styles.directions) == len(styles.attributes) + 6
    own = np.diagonal(styles.correlations)
    assert (own > 0.1).all() and (own <= 1).all(), dict(zip(styles.attributes, own, strict=True))
    means = model.class_means.double()
    log_weights = model.mixture.log_weights.double()

    def posterior(z):
        return (z @ means.T - means.square().sum(1) / 2 + log_weights).softmax(1)

    z = torch.from_numpy(entry.latent["empirical_means"]).double()
    for step in torch.from_numpy(styles.directions).double():
        assert (posterior(z + 2 * step) - posterior(z)).abs().max() < 1e-5


def test_a_checkpoint_is_small_and_holds_no_pickles(entry, model):
    files = list(entry.path.iterdir())
    known = {"README.md", "history.csv", *LIMITS} - {registry.STYLE}
    assert {path.name for path in files} == known | ({registry.STYLE} if entry.has_likelihood else set())
    assert sum(path.stat().st_size for path in files) <= 10**7
    assert sum(parameter.numel() for parameter in model.parameters()) <= 5_000_000
    assert not any(path.read_bytes()[0] == 0x80 for path in files)  # with which a pickle begins
