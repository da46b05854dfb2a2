r"""An affine layer that brings the latents of each class to unit covariance, as far as few numbers can.

The mixture behind a flow has Gaussians of unit covariance. The latents of a flow that was trained without it are spread
in another way. Let z be latents with classes y, and :math:`m` their mean.

*Every dimension*: :math:`h = (z - m) \odot s`, with s such that the deviation of h from the averages of the classes is
1 in each dimension.

*The K - 1 dimensions that tell the classes apart*: let the columns of P be an orthonormal basis of the span of the
differences of the classes' averages of h, and C the covariance of :math:`P^T h` within classes.
:math:`u = h + P (C^{-1/2} - 1) P^T h` has unit covariance within classes in that span, so that the posterior of the
mixture behind it is that of a linear discriminant analysis there.

The log-determinant is :math:`\sum \log s - \tfrac12 \log\det C`. Correlations outside of the span stay; to remove them
would take a matrix of D x D, which needs far more images than there are dimensions.
"""

import torch
from torch import Tensor

from .base import Derived, InvertibleLayer, constant_log_det, inverse_in_span

# None is stretched without limit, however few images there are:
SMALLEST = 1e-4  # deviation of a dimension, in relation to the median of all
SMALLEST_IN_SPAN = 1e-2  # deviation of a direction in the span, once its dimensions have the deviation 1


class ClassStandardization(Derived, InvertibleLayer):
    """Maps latents ``(N, D)`` to latents of unit covariance within classes; see the module's text.

    Until it is fitted it is the identity.

    Arguments:
        num_classes: K, at least one.
        dims: D, at least K - 1.

    Attributes:
        location, log_scale: m and log s, ``(D,)``.
        basis: P, ``(D, K-1)``.
        matrix: the square root of the inverse of C, ``(K-1, K-1)``.
    """

    location: Tensor
    log_scale: Tensor
    basis: Tensor
    matrix: Tensor
    push: Tensor
    pull: Tensor
    log_abs_det: Tensor

    def __init__(self, num_classes: int, dims: int) -> None:
        super().__init__()
        span = num_classes - 1
        self.register_buffer("location", torch.zeros(dims))
        self.register_buffer("log_scale", torch.zeros(dims))
        self.register_buffer("basis", torch.eye(dims, span))
        self.register_buffer("matrix", torch.eye(span))
        for name in ("push", "pull", "log_abs_det"):
            self.register_buffer(name, torch.empty(0), persistent=False)
        self.derive()

    @torch.no_grad()
    def fit(self, z: Tensor, labels: Tensor) -> None:
        """Sets the layer from latents ``z`` (N, D) and their classes, ``(N,)`` integers from 0 to K - 1.

        Of a class without an image nothing is known, and nothing needed.

        Raises:
            ValueError: for no more images than there are classes, or labels that are none.
        """
        classes = len(self.matrix) + 1
        if len(z) != len(labels) or len(z) <= classes:
            raise ValueError(
                f"a mixture of {classes} classes is fitted to more than {classes} images, each with its label, not to "
                f"{len(z)} with {len(labels)}"
            )
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(f"labels must be from 0 to {classes - 1}, not {int(labels.min())} to {int(labels.max())}")
        exact, labels = z.double(), labels.to(z.device)
        averages = class_averages(exact, labels, classes)
        within = (exact - averages[labels]).square().mean(0).sqrt()
        scale = 1 / within.clamp(min=SMALLEST * within.median().clamp(min=1e-12))
        location = exact.mean(0)
        means = averages * scale
        basis = torch.linalg.svd(means - means.mean(0), full_matrices=False).Vh[: classes - 1].T
        spread = ((exact - averages[labels]) * scale) @ basis
        variances, directions = torch.linalg.eigh(spread.T @ spread / len(z))
        self.location.copy_(location)
        self.log_scale.copy_(scale.log())
        self.basis.copy_(basis)
        self.matrix.copy_(directions * variances.clamp(min=SMALLEST_IN_SPAN**2).rsqrt() @ directions.T)
        self.derive()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = (x - self.location) * self.log_scale.exp()
        return h + h @ self.basis @ self.push @ self.basis.T, constant_log_det(x, self.log_abs_det)

    def inverse_and_log_det(self, y: Tensor) -> tuple[Tensor, Tensor]:
        h = y + y @ self.basis @ self.pull @ self.basis.T
        return h * (-self.log_scale).exp() + self.location, constant_log_det(y, -self.log_abs_det)

    def _derive(self) -> None:
        matrix = self.matrix.detach().cpu().double()
        self.push = (matrix - torch.eye(len(matrix), dtype=matrix.dtype)).T.to(self.matrix)
        pull, log_abs_det = inverse_in_span(self.basis.detach().cpu().double(), self.push.cpu().double())
        self.pull = pull.to(self.matrix)
        self.log_abs_det = (log_abs_det + self.log_scale.cpu().double().sum()).to(self.matrix.device)


def class_averages(z: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The average of the latents ``(N, D)`` of each class, ``(classes, D)``; of one without an image that of all."""
    sums = z.new_zeros(classes, z.shape[1]).index_add_(0, labels, z)
    counts = torch.bincount(labels, minlength=classes)[:, None]
    return torch.where(counts > 0, sums / counts.clamp(min=1), z.mean(0))
