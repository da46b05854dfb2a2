"""The bins behind the calibration errors, each against a loop that is as plain as its definition."""

import numpy as np
import pytest

from ibinn_core.evaluation import PAPER_EDGES, calibration, reliability, top_label_error, top_label_reliability


@pytest.fixture(params=[0.05, 0.3, 3.0])
def predictions(request):
    """A posterior ``(400, 10)`` of some sharpness, and labels."""
    rng = np.random.default_rng(1)
    return rng.dirichlet(np.full(10, request.param), 400), rng.integers(0, 10, 400)


def test_the_papers_bins_count_every_class_of_every_image(predictions):
    posterior, labels = predictions
    found = reliability(posterior, labels)
    assert found.count.sum() == posterior.size and np.array_equal(found.edges, PAPER_EDGES)
    for b, (low, high) in enumerate(zip(PAPER_EDGES, PAPER_EDGES[1:], strict=False)):
        last = b == len(PAPER_EDGES) - 2
        inside = [(i, k) for i, k in np.ndindex(posterior.shape) if low <= posterior[i, k] < high + last]
        assert found.count[b] == len(inside) and found.expected[b] == pytest.approx((low + high) / 2)
        hits = [labels[i] == k for i, k in inside]
        assert found.observed[b] == pytest.approx(np.mean(hits)) if hits else np.isnan(found.observed[b])


def test_the_usual_bins_hold_the_most_probable_class_only(predictions):
    posterior, labels = predictions
    found = top_label_reliability(posterior, labels, 4)
    assert found.count.sum() == len(labels)
    for b in range(4):
        inside = [i for i, row in enumerate(posterior) if b / 4 < row.max() <= (b + 1) / 4]
        assert found.count[b] == len(inside)
        if not inside:
            assert np.isnan(found.observed[b]) and np.isnan(found.expected[b])
            continue
        assert found.expected[b] == pytest.approx(np.mean([posterior[i].max() for i in inside]))
        assert found.observed[b] == pytest.approx(np.mean([posterior[i].argmax() == labels[i] for i in inside]))


def test_the_errors_are_the_bins_distances_from_the_diagonal(predictions):
    for error, bins in (
        (calibration(*predictions).expected, reliability(*predictions)),
        (top_label_error(*predictions), top_label_reliability(*predictions)),
    ):
        used = bins.count > 0
        gaps = np.abs(bins.expected - bins.observed)[used]
        assert error == pytest.approx(np.average(gaps, weights=bins.count[used]))
