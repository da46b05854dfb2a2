r"""The objectives: Eqs. 4-9 and Appendix B, in nats and in log-space.

With :math:`z = g(x + \varepsilon)` and the mixture :math:`q(z|y)` of :mod:`ibinn_core.models.mixture`:

=============================  =========================================================================
:math:`L_X` (Eqs. 4, 5)        :math:`-\log q(z) - \log|\det J|`, the negative log-likelihood of x
:math:`L_Y` (Eq. 7)            :math:`\log q(y | z)`, to be maximised
IB (Eq. 9)                     :math:`\frac{2}{1 + \gamma} \left(L_X / \dim(X) - \gamma L_Y\right)`
class-NLL (Section 3.3)        :math:`-\log q(z | y) - \log|\det J|`, divided by :math:`\dim(X) / 2`
cross-entropy (Section 4.1)    :math:`-L_Y` of a softmax of logits
VIB (Alemi et al. 2017)        IB with :math:`D_{KL}(q(z|x) \,\|\, \mathcal N(0, I))` in place of
                               :math:`L_X`, and :math:`q(y | z)` at one z drawn from :math:`q(z|x)`
=============================  =========================================================================

With hard labels, :math:`\frac{d + 1}{2} L_{IB}` at :math:`\gamma = 1/d` is :math:`-\log q(x|y)` up to :math:`\log K`.
Alemi et al.'s :math:`\beta` is :math:`1 / (\gamma \dim(X))`. The paper prints Eq. 55 with a wrong sign, and Eq. 56
with an additional :math:`-w_y`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from .checks import check_labels
from .fields import STORED, Gamma, ShareBelowOne, Text, check_fields
from .kinds import GENERATIVE, OBJECTIVES, WITH_GAMMA

if TYPE_CHECKING:  # allows reading a config without torch
    import numpy as np
    from torch import Tensor

    from .mixture import LatentMixture

_Values = TypeVar("_Values", "np.ndarray", "Tensor")


def ib_loss(l_x: _Values, l_y: _Values, gamma: float, dims: int) -> _Values:
    """The rebalanced IB loss of each sample (Eq. 9), with ``gamma`` from 0 to infinity; for a VIB, l_x is the KL."""
    if math.isinf(gamma):
        return -2 * l_y
    return 2 / (1 + gamma) * (l_x / dims - gamma * l_y)


class Loss(NamedTuple):
    """A batch's loss and its parts: scalars, in nats except ``total``."""

    total: Tensor
    l_y: Tensor
    l_x: Tensor | None = None  # for a model with a likelihood
    kl: Tensor | None = None  # for a VIB


@dataclass(frozen=True)
class Objective:
    """The loss that a model is trained with.

    Attributes:
        kind: ``"ib"``, ``"class-nll"``, or ``"class-nll-regularized"`` (with the means fixed on a hyper-sphere);
            ``"cross-entropy"`` or ``"vib"`` for models without a likelihood.
        gamma: γ = β / dim(X), from 0 to infinity, for ``"ib"`` and ``"vib"``, by default 1; ``None`` for other kinds.
        label_smoothing: label smoothing in L_Y, from 0 to below 1 (0.05 in the paper).

    Raises:
        ValueError: for an unknown kind, a γ that does not belong to the kind, or a number out of its range.

    Example:
        >>> ib.Objective(gamma=0.2)
        Objective(kind='ib', gamma=0.2, label_smoothing=0.05)
    """

    __pydantic_config__ = STORED

    kind: Text = "ib"
    gamma: Gamma | None = None
    label_smoothing: ShareBelowOne = 0.05

    def __post_init__(self) -> None:
        if isinstance(self.kind, (int, float)):
            raise ValueError(f"give gamma by name, as in Objective(gamma={self.kind!r})")
        if self.kind in WITH_GAMMA and self.gamma is None:
            object.__setattr__(self, "gamma", 1.0)
        check_fields(self)
        if self.kind not in OBJECTIVES:
            raise ValueError(f"the objective must be one of {', '.join(OBJECTIVES)}, not {self.kind!r}")
        if self.kind not in WITH_GAMMA and self.gamma is not None:
            raise ValueError(f"only the objectives 'ib' and 'vib' have a gamma, not {self.kind!r}")

    def __call__(
        self,
        mixture: LatentMixture,
        z: Tensor,
        log_det: Tensor,
        labels: Tensor,
        likelihood_weights: Tensor | None = None,
    ) -> Loss:
        """The loss of a batch, and its parts, as means over the batch.

        Arguments:
            mixture: the mixture of the classes.
            z: latents, ``(N, D)``.
            log_det: ``log |det J|`` of each image in nats, ``(N,)``.
            labels: ``(N,)`` integers in 0..K-1; for a loss with L_Y also distributions ``(N, K)``, used unsmoothed.
            likelihood_weights: weight of each image in L_X, ``(N,)``, with mean 1; by default all images have the same
                weight.

        Raises:
            ValueError: for an objective of models without a likelihood, or invalid labels.
        """
        if self.kind not in GENERATIVE:
            raise ValueError(f"a mixture cannot be trained with the objective {self.kind!r}")
        targets, dims = self.targets(labels, len(mixture.means)).to(z), z.shape[1]
        l_x = -mixture.log_marginal(z) - log_det  # Eq. 55 with its sign corrected
        if likelihood_weights is not None:
            l_x = l_x * likelihood_weights
        # No gradient reaches the class weights: L_Y could grow through them without limit (Appendix B).
        l_y = (targets * (mixture.scores(z) + mixture.log_weights.detach()).log_softmax(1)).sum(1)
        if self.gamma is not None:  # "ib"
            total = ib_loss(l_x, l_y, self.gamma, dims)
        else:
            total = -2 / dims * (mixture.log_prob(z).gather(1, labels[:, None]).squeeze(1) + log_det)
        return Loss(total.mean(), l_y.mean(), l_x=l_x.mean())

    def of_logits(self, logits: Tensor, labels: Tensor, kl: Tensor | None = None, dims: int = 1) -> Loss:
        """The loss of a model without a likelihood, from its logits ``(N, K)``.

        For a VIB, the logits belong to codes drawn from q(z | x). ``kl`` is the divergence of q(z | x) from the
        prior, ``(N,)`` in nats, and ``dims`` is dim(X). Raises the errors of calling the objective.
        """
        if self.kind != ("cross-entropy" if kl is None else "vib"):
            raise ValueError(f"these logits cannot be trained with the objective {self.kind!r}")
        targets = self.targets(labels, logits.shape[1]).to(logits)
        l_y = (targets * logits.log_softmax(1)).sum(1)
        if self.gamma is None or kl is None:  # "cross-entropy"
            return Loss(-l_y.mean(), l_y.mean())
        return Loss(ib_loss(kl, l_y, self.gamma, dims).mean(), l_y.mean(), kl=kl.mean())

    def targets(self, labels: Tensor, num_classes: int) -> Tensor:
        """The target of L_Y, ``(N, K)``: the given distributions, or smoothed one-hot vectors of labels ``(N,)``."""
        import torch

        check_labels(labels, num_classes)
        if labels.ndim == 2:
            return labels
        # F.one_hot reads the labels' values, which vmap does not allow.
        one_hot = (labels[:, None] == torch.arange(num_classes, device=labels.device)).to(torch.get_default_dtype())
        return one_hot * (1 - self.label_smoothing) + self.label_smoothing / num_classes
