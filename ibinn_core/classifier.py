r"""The generative classifier: normalisation and flow z = g(x), and a Gaussian mixture over z.

Everything one can ask of a trained model is a walk along one arrow, forward or back:

.. math::
    x \xrightarrow{g} z \xrightarrow{\text{mixture}} \log q(z|y) \xrightarrow{\text{Bayes}} q(y|x),
    \qquad \log q(x|y) = \log q(z|y) + \log|\det \partial z / \partial x|
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from .flow import Flow, FlowConfig
from .mixture import LatentMixture
from .preprocessing import UNIFORM, Noise

BATCH = 250  # images that pass through the network at once; bounds the memory, not the result


class GenerativeClassifier(nn.Module):
    """An IB-INN: one invertible network and one Gaussian per class in its latent space.

    Arguments:
        config: the architecture.
        num_classes: K.
        learn_means: whether the class means are trained.
        learn_weights: whether the class weights are trained (Appendix B).

    Images ``x`` are ``(N, C, H, W)`` floats over [0, 1] (:func:`ibinn_core.to_unit`), latents ``z`` are
    ``(N, D)`` with D = C·H·W. All methods raise a ValueError, in one sentence, for what has another
    shape, is not floating point or is not finite. In evaluation mode, which a loaded model is in, each
    image is treated on its own and nothing here changes the model.
    """

    def __init__(
        self, config: FlowConfig, num_classes: int = 10, learn_means: bool = True, learn_weights: bool = False
    ):
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed)
        self.config = config
        self.flow = Flow(config)
        self.mixture = LatentMixture(
            num_classes,
            config.dims,
            learn_means=learn_means,
            learn_weights=learn_weights,
            generator=generator,
        )
        #: The noise it was trained with, which decides how bits/dim are computed.
        self.noise: Noise = UNIFORM
        #: Class means of the training images' latents, (K, D); known to a loaded checkpoint only.
        self.empirical_class_means: Tensor | None = None
        #: Root mean square deviation of the latents from them, a dimension; known to a checkpoint only.
        self.latent_spread: float | None = None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The arrow that training differentiates: ``x`` to latents ``(N, D)`` and log-determinant ``(N,)``."""
        return self.flow(x)

    def encode(self, x: Tensor) -> Tensor:
        """z = g(x), shape ``(N, D)``."""
        return self._encode_with_log_det(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """x = g⁻¹(z), shape ``(N, C, H, W)``, not clipped to [0, 1]."""
        _check_finite(z, (self.config.dims,), "latents", self.mixture.means.dtype)
        return _in_batches(self.flow.inverse, z)

    def log_prob(self, x: Tensor, per_class: bool = False) -> Tensor:
        """log q(x) in nats, the density over [0, 1] pixels, ``(N,)``; with ``per_class`` log q(x | y), ``(N, K)``."""
        z, log_det = self._encode_with_log_det(x)
        if per_class:
            return self.mixture.log_prob(z) + log_det[:, None]
        return self.mixture.log_marginal(z) + log_det

    def posterior(self, x: Tensor) -> Tensor:
        """q(y | x) by Bayes' rule, ``(N, K)``, rows sum to one."""
        return self.mixture.log_posterior(self.encode(x)).exp()

    def predict(self, x: Tensor) -> Tensor:
        """The most probable class, ``(N,)`` int64."""
        return self.posterior(x).argmax(1)

    @torch.no_grad()
    def sample(
        self,
        classes: Tensor | list[int] | int,
        temperature: float = 1.0,
        center: str = "mean",
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Images drawn from q(x | y), ``(N, C, H, W)``, not clipped to [0, 1].

        Arguments:
            classes: the class of each image: ``(N,)`` integers in 0..K-1, or one of them.
            temperature: deviation of the latents from the centre a dimension; 1 is the mixture's own.
            center: ``"mean"`` for the learned μ_y, ``"empirical"`` for the class mean of the training
                images' latents, around which the model's mass really lies (Appendix D).
            generator: on the CPU; makes the draw repeatable.
        """
        classes = torch.as_tensor(classes).reshape(-1)
        whole = not classes.is_floating_point() and classes.dtype != torch.bool
        if not whole or ((classes < 0) | (classes >= self.mixture.num_classes)).any():
            raise ValueError(f"classes must be whole numbers from 0 to {self.mixture.num_classes - 1}")
        if not 0 <= temperature < float("inf"):
            raise ValueError(f"the temperature must be 0 or positive and finite, not {temperature}")
        centers = self._centers(center)
        noise = torch.randn(len(classes), self.config.dims, generator=generator).to(centers)
        return self.decode(centers[classes.to(centers.device)] + temperature * noise)

    @property
    def class_means(self) -> Tensor:
        """A copy of μ_y, ``(K, D)``."""
        return self.mixture.means.detach().clone()

    def _centers(self, center: str) -> Tensor:
        if center == "mean":
            return self.class_means
        if center != "empirical":
            raise ValueError(f"center must be 'mean' or 'empirical', not {center!r}")
        if self.empirical_class_means is None:
            raise ValueError("this model has no empirical class means: load it from a checkpoint with latent.npz")
        return self.empirical_class_means.to(self.class_means)

    def _encode_with_log_det(self, x: Tensor) -> tuple[Tensor, Tensor]:
        _check_finite(x, self.config.image_shape, "images", self.mixture.means.dtype)
        return _in_batches(self.flow, x)


def _check_finite(values: Tensor, shape: tuple[int, ...], what: str, dtype: torch.dtype) -> None:
    """Raises a ValueError unless ``values`` is a finite tensor ``(N, *shape)`` of the model's ``dtype``."""
    expected = f"{what} must be floats of shape (N, {', '.join(map(str, shape))})"
    if isinstance(values, np.ndarray):
        raise ValueError(f"{expected} in a torch tensor, not a NumPy array: convert with to_unit or torch.from_numpy")
    if not isinstance(values, Tensor):
        raise ValueError(f"{expected} in a torch tensor, not a {type(values).__name__}")
    if tuple(values.shape[1:]) != tuple(shape) or values.ndim == 0:
        raise ValueError(f"{expected}, not {tuple(values.shape)}")
    if not values.is_floating_point():
        raise ValueError(f"{expected}, not {values.dtype}: convert 8-bit pixels with to_unit")
    if values.dtype != dtype:
        raise ValueError(f"{what} must be {dtype} as the model is, not {values.dtype}: convert one of them")
    if not torch.isfinite(values).all():
        raise ValueError(f"{what} must be finite, but hold NaN or infinity")


def _in_batches(function: Callable, values: Tensor):
    """Applies ``function`` to parts of ``values`` along the first dimension and joins what comes out."""
    if not len(values):  # no layer need cope with an empty batch: PyTorch's own pixel_unshuffle does not
        one = function(values.new_zeros(1, *values.shape[1:]))
        return tuple(column[:0] for column in one) if isinstance(one, tuple) else one[:0]
    parts = [function(part) for part in values.split(BATCH)]
    if isinstance(parts[0], tuple):
        return tuple(torch.cat(column) for column in zip(*parts, strict=True))
    return torch.cat(parts)
