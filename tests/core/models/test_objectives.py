"""Each objective against the paper's equations, as corrected, in fifty digits, and the mixture that it is of."""

import math
from functools import partial

import mpmath
import numpy as np
import pytest
import torch
from flow_helpers import randomise, seeded
from mpmath import mpf
from shape_helpers import LEAST

from ibinn_core.models.classifier import GenerativeClassifier
from ibinn_core.models.mixture import LatentMixture, tempered
from ibinn_core.models.objectives import Objective

GAMMAS = (0.0, 0.02, 1.0, 35.65, math.inf)
CLASSES, DIMS = 4, 6


class Exact:
    """Eqs. 2, 4, 7, 9 and Section 3.3 for one sample, written from the paper, in fifty digits."""

    def __init__(self, z, log_det, means, phi):
        self.d, self.log_det = len(z), mpf(log_det)
        total = mpmath.fsum(mpmath.exp(mpf(p)) for p in phi)
        log_q_y = [mpmath.log(mpmath.exp(mpf(p)) / total) for p in phi]  # Eqs. 51, 52
        normaliser = mpf(self.d) / 2 * mpmath.log(2 * mpmath.pi)
        self.log_q_z_y = [
            -mpmath.fsum((mpf(a) - mpf(b)) ** 2 for a, b in zip(z, mean, strict=True)) / 2 - normaliser
            for mean in means
        ]
        joint = [a + b for a, b in zip(log_q_y, self.log_q_z_y, strict=True)]
        self.log_q_z = mpmath.log(mpmath.fsum(mpmath.exp(j) for j in joint))  # Eq. 2
        self.log_q_y_z = [j - self.log_q_z for j in joint]

    def l_x(self):  # Eq. 4
        return -self.log_q_z - self.log_det

    def l_y(self, label, smoothing=0.0):  # Eq. 7, its expectation over the smoothed label
        smoothing = mpf(repr(smoothing))
        target = [smoothing / len(self.log_q_y_z)] * len(self.log_q_y_z)
        target[label] += 1 - smoothing
        return mpmath.fsum(t * q for t, q in zip(target, self.log_q_y_z, strict=True))

    def class_nll(self, label):  # Section 3.3: -log q(x | y)
        return -self.log_q_z_y[label] - self.log_det

    def ib(self, label, gamma, smoothing):  # Eq. 9
        if math.isinf(gamma):
            return -2 * self.l_y(label, smoothing)
        gamma = mpf(repr(gamma))
        return 2 / (1 + gamma) * (self.l_x() / self.d - gamma * self.l_y(label, smoothing))


@pytest.fixture(autouse=True)
def fifty_digits():
    with mpmath.workdps(50):
        yield


def case(size: float) -> tuple[LatentMixture, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A mixture with random means and unequal weights, six latents of ``size``, log-dets and labels."""
    mixture = randomise(LatentMixture(CLASSES, DIMS).double(), seeded(1))
    z = torch.randn(6, DIMS, generator=seeded(2), dtype=torch.float64)
    if size > 100:
        z = size * torch.where(z < 0, -1.0, 1.0).double() + z
    log_det = 20 * torch.randn(6, generator=seeded(3), dtype=torch.float64)
    return mixture, z, log_det, torch.tensor([0, 3, 1, 2, 2, 0])


def exact_case(size: float) -> list[Exact]:
    mixture, z, log_det, _ = case(size)
    return [
        Exact(row, value, mixture.means.tolist(), mixture.phi.tolist())
        for row, value in zip(z.tolist(), log_det.tolist(), strict=True)
    ]


@pytest.mark.parametrize("size", [1.0, 1e4])
@pytest.mark.parametrize("smoothing", [0.0, 0.05])
@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_ib_loss_is_the_papers(gamma, smoothing, size):
    mixture, z, log_det, labels = case(size)
    loss = Objective("ib", gamma, smoothing)(mixture, z, log_det, labels)
    pairs = list(zip(exact_case(size), labels.tolist(), strict=True))
    for actual, expected in [
        (loss.total, [e.ib(y, gamma, smoothing) for e, y in pairs]),
        (loss.l_x, [e.l_x() for e, _ in pairs]),
        (loss.l_y, [e.l_y(y, smoothing) for e, y in pairs]),
    ]:
        assert actual.item() == pytest.approx(float(mpmath.fsum(expected) / len(expected)), rel=1e-6)


@pytest.mark.parametrize("size", [1.0, 1e4])
@pytest.mark.parametrize("kind", ["class-nll", "class-nll-regularized"])
def test_class_nll_is_the_papers_over_half_the_dimensions(kind, size):
    mixture, z, log_det, labels = case(size)
    loss = Objective(kind, None)(mixture, z, log_det, labels)
    values = [e.class_nll(y) for e, y in zip(exact_case(size), labels.tolist(), strict=True)]
    expected = mpmath.fsum(values) / len(values) * 2 / DIMS
    assert loss.total.item() == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_only_l_x_reaches_the_class_weights(gamma):
    def gradient(objective: Objective) -> torch.Tensor:
        mixture = randomise(LatentMixture(CLASSES, DIMS).double(), seeded(1)).requires_grad_()
        objective(mixture, *case(1.0)[1:]).total.backward()
        return torch.zeros(CLASSES).double() if mixture.phi.grad is None else mixture.phi.grad

    only_l_x = gradient(Objective("ib", 0.0))
    assert only_l_x.abs().min() > 1e-6
    torch.testing.assert_close(gradient(Objective("ib", gamma, 0.05)), only_l_x / (1 + gamma), rtol=1e-9, atol=0)


@pytest.mark.parametrize("entry", [1e4, -1e4])
@pytest.mark.parametrize("objective", [*map(partial(Objective, "ib"), GAMMAS), Objective("class-nll")], ids=str)
def test_far_latents_give_finite_values_and_gradients_in_float32(objective, entry):
    mixture = LatentMixture(10, 3072, generator=seeded(1))
    z = (entry * torch.ones(4, 3072)).requires_grad_()
    log_det = torch.tensor([-1e5, 0.0, 1.0, 1e5], requires_grad=True)
    loss = objective(mixture, z, log_det, torch.tensor([0, 3, 9, 1]))
    loss.total.backward()
    assert all(value.dtype == torch.float32 and value.isfinite() for value in loss[:3])
    assert torch.isfinite(z.grad).all() and torch.isfinite(mixture.means.grad).all()
    assert z.grad.abs().sum() > 0


EQUAL = torch.zeros(3).log_softmax(0)
REFUSED = [
    (lambda: Objective("elbo"), "'elbo'"),
    (lambda: Objective("class-nll", gamma=1.0), "have a gamma"),
    (lambda: Objective(0.2), "give gamma by name"),
    (lambda: Objective(gamma=math.nan), "nan"),
    (lambda: Objective(label_smoothing=1.0), "1.0"),
    (lambda: Objective().targets(np.array([0, 1]), 3), "torch tensor, not ndarray"),
    (lambda: Objective().targets(torch.full((2, 3), 5.0), 3), "must sum to 1"),
    (lambda: Objective().targets(torch.tensor([[2.0, -1.0, 0.0]]), 3), "0 or more"),
    (lambda: Objective().targets(torch.tensor([0, 3]), 3), "from 0 to 2"),
    (lambda: tempered(torch.eye(3), EQUAL, math.inf), "must be positive and finite"),
    (lambda: tempered(torch.tensor([[0.0, 0], [1, 0], [3, 0]]), EQUAL, 2.0), "span fewer than"),
]


@pytest.mark.parametrize("call, message", REFUSED)
def test_what_is_no_objective_no_label_and_no_temperature_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labels_become_distributions_one_by_one_as_all_at_once():
    objective, labels = Objective(label_smoothing=0.3), torch.tensor([1, 0, 2])
    expected = 0.7 * torch.eye(3)[labels] + 0.1
    torch.testing.assert_close(objective.targets(labels, 3), expected)
    torch.testing.assert_close(torch.func.vmap(lambda label: objective.targets(label[None], 3)[0])(labels), expected)


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_far_latents_keep_their_posterior_in_float32(size):
    mixture = LatentMixture(10, 3072, generator=seeded(1))
    direction = torch.randn(64, 3072, generator=seeded(2))
    z = size * direction / direction.norm(dim=1, keepdim=True)
    exact = LatentMixture(10, 3072)
    exact.load_state_dict(mixture.state_dict())
    exact.double()
    # The same latents in float64, where squared distances do no harm.
    distances = (z.double()[:, None] - exact.means).square().sum(2)
    reference = torch.log_softmax(-distances / 2, 1)
    assert (mixture.log_posterior(z).double() - reference).abs().max() < 1e-6 * size
    relative = mixture.log_prob(z).double() / (-distances / 2 - 1536 * math.log(2 * math.pi)) - 1
    assert relative.abs().max() < 1e-6


def test_means_start_equally_far_apart_on_a_sphere():
    mixture = LatentMixture(10, 64, generator=seeded(1))
    distances = torch.pdist(mixture.means.detach())
    torch.testing.assert_close(distances, torch.full((45,), 5.0), rtol=1e-5, atol=0)
    torch.testing.assert_close(mixture.means.norm(dim=1), torch.full((10,), 5 / 2**0.5), rtol=1e-5, atol=0)
    torch.testing.assert_close(mixture.log_weights.exp(), torch.full((10,), 0.1))


def test_more_classes_than_dimensions_start_at_about_the_same_distances():
    distances = torch.pdist(LatentMixture(200, 4, generator=seeded(0)).means.detach())
    assert distances.square().mean().sqrt() == pytest.approx(5, rel=0.1)


def test_gradients_reach_what_is_learned_and_nothing_else():
    for means, weights in [(True, False), (False, False), (True, True)]:
        mixture = GenerativeClassifier(LEAST, CLASSES, learn_means=means, learn_weights=weights).mixture
        mixture.log_marginal(torch.ones(2, LEAST.dims).requires_grad_()).sum().backward()
        assert (mixture.means.grad is not None) is means and (mixture.phi.grad is not None) is weights
