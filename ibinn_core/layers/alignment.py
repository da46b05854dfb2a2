r"""An affine layer behind the flow that fits the mixture to the latents and keeps every posterior.

:math:`L_Y` depends only on differences of the scores :math:`z^T \mu_y - \|\mu_y\|^2 / 2 + w_y`. :math:`L_X` has the
weight :math:`1 / \dim(X)` and hardly moves the means. So they lie close together in the middle of a ring of latents
(Appendix D). The layer is an affine map that keeps the posterior and raises the likelihood. It has two parts:

*Every dimension.* :math:`h = (z - m) \odot s` has the means :math:`n_y = \mu_y / s`. The score of a class contains the
constant :math:`k_y = m^T \mu_y - \|\mu_y\|^2 / 2`.

*The K - 1 dimensions that the means span.* Let the columns of P be an orthonormal basis of the span of the differences
of the :math:`n_y`, :math:`u = P^T h` and :math:`m_y = P^T (n_y - \bar n)`. The posterior is
:math:`\mathrm{softmax}_y(u^T m_y + k_y + w_y)`. With any invertible A and any v let :math:`u' = A u + b` and
:math:`\mu'_y = A^{-T} (m_y + v)`. The score of :math:`\mu'_y` at u' is

.. math::
    u'^T \mu'_y - \tfrac12 \|\mu'_y\|^2 + w_y
    = u^T m_y + w_y + u^T v + b^T \mu'_y - \tfrac12 \|\mu'_y\|^2 .

The posterior stays the same if :math:`b^T \mu'_y - \tfrac12 \|\mu'_y\|^2 = k_y + \kappa` for all y: K linear equations
for b and :math:`\kappa`. The layer keeps all other dimensions of h.
"""

import copy

import torch
from torch import Tensor, nn

from ..exploration.style import contrasts
from .base import Derived, InvertibleLayer, constant_log_det

_STEPS = 60  # steps of L-BFGS, which converges after about thirty


class Alignment(Derived, InvertibleLayer):
    r"""Moves latents ``(N, D)`` to where a mixture of unit Gaussians describes them best.

    The layer stores m, log s, A, v and the means before the alignment, and computes the rest in float64. So an
    alignment interpolated between two alignments keeps the posterior too.

    Arguments:
        num_classes: K, at least two.
        dims: D, at least K - 1.

    Attributes:
        means: :math:`\mu_y` of the mixture before the alignment, ``(K, D)``.
        location, log_scale: m and log s, ``(D,)``.
        matrix, offset: A ``(K-1, K-1)`` and v ``(K-1,)``.
        aligned_means: means of the mixture behind this layer, ``(K, D)``.
    """

    def __init__(self, num_classes: int, dims: int) -> None:
        super().__init__()
        if not 2 <= num_classes <= dims + 1:
            raise ValueError(f"an alignment in {dims} dimensions needs 2 to {dims + 1} classes, not {num_classes}")
        self.means = nn.Buffer(torch.eye(num_classes, dims))
        self.location = nn.Buffer(torch.zeros(dims))
        self.log_scale = nn.Buffer(torch.zeros(dims))
        self.matrix = nn.Buffer(torch.eye(num_classes - 1))
        self.offset = nn.Buffer(torch.zeros(num_classes - 1))
        for name in ("basis", "pull", "push", "shift_in_span", "aligned_means", "log_abs_det"):
            self.register_buffer(name, torch.empty(0), persistent=False)
        self.reset(self.means)

    @torch.no_grad()
    def reset(self, means: Tensor) -> None:
        """Becomes the identity for ``means`` (K, D); raises a ValueError if they span fewer than K - 1 dimensions."""
        self.means.copy_(means)
        self.location.zero_()
        self.log_scale.zero_()
        self.matrix.copy_(torch.eye(len(self.matrix)))
        exact = self.means.cpu().double()
        self.offset.copy_(exact.mean(0) @ _basis(exact))
        self.derive()

    @torch.no_grad()
    def fit(self, z: Tensor, means: Tensor, log_weights: Tensor, deviation: Tensor | None = None) -> None:
        r"""Sets m and s from the mean and deviations of the latents, then A and v by maximum likelihood.

        Arguments:
            z: latents of training images, ``(N, D)``.
            means: :math:`\mu_y` of the mixture that the flow was trained with, ``(K, D)``.
            log_weights: :math:`w_y`, ``(K,)``.
            deviation: deviation of each dimension, ``(D,)``, which the layer scales to 1; by default over all ``z``.

        Raises:
            ValueError: for means that span fewer than K - 1 dimensions.
        """
        self.reset(means)
        self.location.copy_(z.mean(0, dtype=torch.float64))
        if deviation is None:
            deviation = (z.double() - self.location.double()).square().mean(0).sqrt()
        self.log_scale.copy_(-deviation.clamp(min=1e-6).log())
        h = (z.double() - self.location.double()) * self.log_scale.double().exp()
        basis, points, constants = self._span()
        matrix, offset = _most_likely(h.cpu() @ basis, points, constants, log_weights.cpu().double())
        self.matrix.copy_(matrix)
        self.offset.copy_(offset)
        self.derive()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = (x - self.location) * self.log_scale.exp()
        y = h + (h @ self.basis @ self.push + self.shift_in_span) @ self.basis.T
        return y, constant_log_det(x, self.log_abs_det)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        shifted = y - self.shift_in_span @ self.basis.T
        h = shifted + shifted @ self.basis @ self.pull @ self.basis.T
        return h * (-self.log_scale).exp() + self.location, constant_log_det(y, -self.log_abs_det)

    def means_in_front(self, means: Tensor) -> Tensor:
        r"""Means ``(K, D)`` in front of this :math:`z \mapsto M z + b` that give the posterior of ``means`` behind it.

        In front of the layer, :math:`\mu_y` has the score :math:`z^T M^T \mu_y + b^T \mu_y - \tfrac12 \|\mu_y\|^2`.
        """
        if torch.equal(means, self.aligned_means):  # the means are those of the fit
            return self.means
        exact, double = means.detach().cpu().double(), copy.deepcopy(self).cpu().double()
        offsets, times_matrix = torch.func.vjp(lambda z: double(z)[0], torch.zeros_like(exact))[:2]  # b for each mean
        return means_with_scores(times_matrix(exact)[0], ((offsets - exact / 2) * exact).sum(1)).to(means)

    def _span(self) -> tuple[Tensor, Tensor, Tensor]:
        """Computes P ``(D, K-1)``, the :math:`m_y` ``(K, K-1)`` and the :math:`k_y` ``(K,)``, in float64 on the CPU."""
        means, location, log_scale = (t.cpu().double() for t in (self.means, self.location, self.log_scale))
        scaled = means * (-log_scale).exp()
        basis = _basis(scaled)
        return basis, (scaled - scaled.mean(0)) @ basis, means @ location - means.square().sum(1) / 2

    def _derive(self) -> None:
        basis, points, constants = self._span()
        matrix, offset = self.matrix.cpu().double(), self.offset.cpu().double()
        aligned, shift = _aligned(matrix, offset, points, constants)
        stored = basis.to(self.means).cpu().double()  # orthonormal up to rounding
        push = (matrix - torch.eye(len(matrix), dtype=torch.float64)).T.to(self.means).cpu().double()
        pull, log_abs_det = _inverse_in_span(stored, push)
        self.log_abs_det = (log_abs_det + self.log_scale.cpu().double().sum()).to(self.means.device)
        self.basis, self.push = stored.to(self.means), push.to(self.means)
        self.pull = pull.to(self.means)
        self.shift_in_span = shift.to(self.means)
        self.aligned_means = (aligned @ stored.T).to(self.means)


def means_with_scores(slopes: Tensor, constants: Tensor) -> Tensor:
    r"""Means ``(K, D)`` with which a mixture has the posterior :math:`\mathrm{softmax}_y(z^T a_y + k_y + w_y)`.

    They are :math:`\mu_y = a_y + c` with the shortest c for which :math:`-\tfrac12 \|\mu_y\|^2 = k_y + \kappa` for some
    :math:`\kappa` and all y. Slopes are the :math:`a_y` ``(K, D)``, constants the :math:`k_y` ``(K,)``. Raises a
    ValueError for slopes that span fewer than K - 1 dimensions.
    """
    wanted = -constants - slopes.square().sum(1) / 2
    centred, wanted = slopes - slopes.mean(0), wanted - wanted.mean()
    shift = torch.linalg.pinv(centred) @ wanted
    if not torch.allclose(centred @ shift, wanted, rtol=0, atol=1e-6 * max(1.0, wanted.abs().max().item())):
        raise ValueError("the K class means span fewer than K - 1 dimensions, so no means give the wanted posterior")
    return slopes + shift


def _basis(means: Tensor) -> Tensor:
    """The orthonormal basis ``(D, K-1)`` nearest to the differences of ``means`` (K, D); it is smooth in the means."""
    differences = torch.from_numpy(contrasts(len(means))) @ means
    left, sizes, right = torch.linalg.svd(differences, full_matrices=False)
    if not sizes[-1] > 1e-9 * sizes[0]:
        raise ValueError("the K class means span fewer than K - 1 dimensions, so they cannot be aligned")
    return (left @ right).T


def _aligned(matrix: Tensor, offset: Tensor, points: Tensor, constants: Tensor) -> tuple[Tensor, Tensor]:
    r"""Computes the :math:`\mu'_y` ``(K, K-1)`` and b ``(K-1,)`` from A, v, the :math:`m_y` and the :math:`k_y`."""
    aligned = torch.linalg.solve(matrix.T, (points + offset).T).T
    equations = torch.cat([aligned, -aligned.new_ones(len(aligned), 1)], dim=1)
    solution = torch.linalg.solve(equations, constants + aligned.square().sum(1) / 2)
    return aligned, solution[:-1]


def _most_likely(u: Tensor, points: Tensor, constants: Tensor, log_weights: Tensor) -> tuple[Tensor, Tensor]:
    """Finds A and v that maximise the likelihood of ``u`` (N, K-1), the latents in the span."""
    with torch.enable_grad():
        matrix = torch.eye(u.shape[1], dtype=u.dtype).requires_grad_()
        offset = (points.new_zeros(u.shape[1])).requires_grad_()
        optimizer = torch.optim.LBFGS([matrix, offset], max_iter=_STEPS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            aligned, shift = _aligned(matrix, offset, points, constants)
            moved = u @ matrix.T + shift
            scores = moved @ aligned.T - aligned.square().sum(1) / 2 + log_weights
            likelihood = torch.logsumexp(scores, 1) - moved.square().sum(1) / 2 + torch.linalg.slogdet(matrix).logabsdet
            value = -likelihood.mean()
            value.backward()
            return value

        optimizer.step(loss)
    return matrix.detach(), offset.detach()


def _inverse_in_span(basis: Tensor, push: Tensor) -> tuple[Tensor, Tensor]:
    """B in h = y + y P B Pᵀ, the inverse of y = h + h P ``push`` Pᵀ (Woodbury), and ``log |det|``; P ``(D, K-1)``."""
    inner = torch.eye(len(push), dtype=push.dtype) + push @ (basis.T @ basis)
    sign, log_abs_det = torch.linalg.slogdet(inner)
    if sign == 0 or not log_abs_det.isfinite():
        raise ValueError("the matrix of a layer behind the flow is singular or not finite: the layer has no inverse")
    return -torch.linalg.solve(inner, push), log_abs_det
