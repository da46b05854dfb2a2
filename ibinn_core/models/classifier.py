r"""What a classifier can be asked; and the generative one: a flow z = g(x), and a Gaussian mixture over z.

Everything one can ask of an IB-INN is a walk along one arrow, forward or back:

.. math::
    x \xrightarrow{g} z \xrightarrow{\text{mixture}} \log q(z|y) \xrightarrow{\text{Bayes}} q(y|x),
    \qquad \log q(x|y) = \log q(z|y) + \log|\det \partial z / \partial x|

The other models of Table 1 (:mod:`ibinn_core.models.baselines`) know some of these arrows, and say so of the rest.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import torch
from torch import Tensor, nn

from ..layers import Alignment
from ..layers.subnetwork import set_autocast
from .flow import Flow, FlowConfig
from .kinds import KINDS
from .mixture import LatentMixture
from .objectives import Loss, Objective
from .preprocessing import UNIFORM, Noise

if TYPE_CHECKING:
    from ..weight_space import Blend

BATCH = 250  # images that pass through the network at once; bounds the memory, not the result


class UnsupportedError(NotImplementedError):
    """A model was asked for what its kind cannot do; the message says in a sentence which, and why."""


class Classifier(nn.Module):
    """What every model is asked the same way, and what only some can answer.

    Arguments:
        config: the architecture, or for a feed-forward model the one that it is the counterpart of.
        num_classes: K.

    Images ``x`` are ``(N, C, H, W)`` floats over [0, 1] (:func:`ibinn_core.to_unit`). All methods raise a
    ValueError, in one sentence, for what has another shape, is not floating point or is not finite, and an
    :class:`UnsupportedError` for what ``has_latents``, ``is_invertible`` and ``has_likelihood`` deny. In
    evaluation mode, which a loaded model is in, each image is treated on its own, nothing is drawn at random
    but by ``sample``, and nothing here changes the model.
    """

    #: The name in :data:`ibinn_core.models.kinds.KINDS`.
    kind: str
    #: Whether ``fit`` has anything to do.
    needs_fit = False

    def __init__(self, config: FlowConfig, num_classes: int = 10):
        super().__init__()
        self.config, self.num_classes = config, num_classes
        #: The noise it was trained with, which decides how bits/dim are computed.
        self.noise: Noise = UNIFORM
        #: Class means of the training images' latents, (K, D); known to a loaded checkpoint with latents only.
        self.empirical_class_means: Tensor | None = None
        #: Root mean square deviation of the latents from them, a dimension; known to such a checkpoint only.
        self.latent_spread: float | None = None

    @property
    def has_latents(self) -> bool:
        """Whether :meth:`encode` gives latents."""
        return KINDS[self.kind].has_latents

    @property
    def is_invertible(self) -> bool:
        """Whether :meth:`decode` gives the image of a latent."""
        return KINDS[self.kind].is_invertible

    @property
    def has_likelihood(self) -> bool:
        """Whether there are :meth:`log_prob`, :attr:`class_means` and :meth:`sample`."""
        return KINDS[self.kind].has_likelihood

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """All that the model says of ``x``, in one pass.

        Returns:
            ``posterior`` (N, K); where the kind has them, ``latents`` (N, D) and ``log_prob`` (N,) in nats.
        """
        _check_finite(x, self.config.image_shape, "images", self.dtype)
        return _in_batches(self._look, x)

    def posterior(self, x: Tensor) -> Tensor:
        """q(y | x), ``(N, K)``, rows sum to one."""
        return self.look(x)["posterior"]

    def predict(self, x: Tensor) -> Tensor:
        """The most probable class, ``(N,)`` int64."""
        return self.posterior(x).argmax(1)

    def encode(self, x: Tensor) -> Tensor:
        """The latents, ``(N, D)``."""
        if not self.has_latents:
            raise self._unsupported("has no latents", "it goes from the image to the classes without a code on the way")
        return self.look(x)["latents"]

    def decode(self, z: Tensor) -> Tensor:
        """The images of latents, ``(N, C, H, W)``."""
        raise self._unsupported("cannot decode", "it keeps of an image what tells its class, and loses the rest")

    def log_prob(self, x: Tensor, per_class: bool = False) -> Tensor:
        """log q(x) in nats, ``(N,)``; with ``per_class`` log q(x | y), ``(N, K)``."""
        raise self._unsupported("has no likelihood", "it models q(y | x), not the images")

    def sample(self, *arguments, **options) -> Tensor:
        """Images drawn from q(x | y)."""
        raise self._unsupported("cannot sample", "it has no distribution over images to draw from")

    @property
    def class_means(self) -> Tensor:
        """Means of the classes in latent space, ``(K, D)``."""
        raise self._unsupported("has no class means", "there is no mixture in its latent space")

    def loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None = None
    ) -> tuple[tuple, Tensor]:
        """What training differentiates.

        Arguments:
            x: training images with their noise.
            labels: ``(N,)`` integers.
            objective: one of those that belong to the kind.
            likelihood_weights: how much each image counts in L_X, ``(N,)``; a kind without a likelihood ignores them.

        Returns:
            The loss and what it is made of (a named tuple of scalars, ``total`` first), and class scores
            ``(N, K)`` whose largest is the prediction.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not define loss(x, labels, objective, likelihood_weights)"
        )

    def fit(self, x: Tensor) -> None:
        """Sets layers that depend on data from pixels ``x`` (N, C, H, W), before a training begins."""

    def set_autocast(self, dtype: torch.dtype | None) -> None:
        """Runs the sub-networks, and nothing else, under autocast to ``dtype`` (``None``: no autocast)."""
        set_autocast(self, dtype)

    @property
    def dtype(self) -> torch.dtype:
        """Of parameters, images and latents."""
        return next(self.parameters()).dtype

    def _look(self, x: Tensor) -> dict[str, Tensor]:
        raise NotImplementedError(f"{type(self).__name__} does not define _look(x)")

    def _unsupported(self, what: str, why: str) -> UnsupportedError:
        name = KINDS[self.kind].name
        return UnsupportedError(f"{name[0].upper()}{name[1:]} {what}: {why}.")


class InvertibleClassifier(Classifier):
    """A classifier whose latents come from a flow: ``encode`` and ``decode`` are inverses of one another.

    Latents ``z`` are ``(N, D)`` with D = C·H·W. Arguments as for :class:`Classifier`.
    """

    needs_fit = True

    def __init__(self, config: FlowConfig, num_classes: int = 10):
        super().__init__(config, num_classes)
        self.flow = Flow(config)

    def fit(self, x: Tensor) -> None:
        """Sets whitening and ActNorm from pixels ``x`` (N, C, H, W) in [0, 1]."""
        self.flow.fit(x)

    def encode(self, x: Tensor) -> Tensor:
        """z = g(x), shape ``(N, D)``."""
        return self._encode_with_log_det(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """x = g⁻¹(z), shape ``(N, C, H, W)``, not clipped to [0, 1]."""
        _check_finite(z, (self.config.dims,), "latents", self.dtype)
        return _in_batches(self._from_latents, z)

    def _encode_with_log_det(self, x: Tensor) -> tuple[Tensor, Tensor]:
        _check_finite(x, self.config.image_shape, "images", self.dtype)
        return _in_batches(self._to_latents, x)

    def _to_latents(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Latents ``(N, D)`` and log-determinant ``(N,)`` of one batch."""
        return self.flow(x)

    def _from_latents(self, z: Tensor) -> Tensor:
        """The inverse of :meth:`_to_latents`."""
        return self.flow.inverse(z)


class GenerativeClassifier(InvertibleClassifier):
    """An IB-INN: one invertible network and one Gaussian per class in its latent space.

    Arguments:
        config: the architecture.
        num_classes: K.
        learn_means: whether the class means are trained.
        learn_weights: whether the class weights are trained (Appendix B).

    It can all that :class:`Classifier` names.
    """

    kind = "ib-inn"

    def __init__(
        self, config: FlowConfig, num_classes: int = 10, learn_means: bool = True, learn_weights: bool = False
    ):
        super().__init__(config, num_classes)
        self.mixture = LatentMixture(
            num_classes,
            config.dims,
            learn_means=learn_means,
            learn_weights=learn_weights,
            generator=torch.Generator().manual_seed(config.seed),
        )
        #: Behind the flow, once :meth:`align` has been called; ``None`` before.
        self.alignment: Alignment | None = None
        #: Of which two models its weights are mixed; ``None`` for a trained model. Set by ``ibinn_core.family``.
        self.blend: Blend | None = None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The arrow that training differentiates: ``x`` to latents ``(N, D)`` and log-determinant ``(N,)``."""
        return self._to_latents(x)

    def align(self, z: Tensor) -> None:
        """Brings the mixture to where the images are, by one affine layer behind the flow; the posterior stays.

        From then on latents, means and likelihoods are the aligned ones (:mod:`ibinn_core.layers.alignment`). An
        earlier alignment is replaced.

        Arguments:
            z: latents of training images in front of the layer, ``(N, D)``: those of :meth:`encode`, if there
                is no alignment yet.

        Raises:
            ValueError: for means that span too little.
        """
        layer = Alignment(self.num_classes, self.config.dims).to(self.class_means)
        means = self.class_means if self.alignment is None else self.alignment.means
        layer.fit(z, means, self.mixture.log_weights.detach())
        self.set_alignment(layer)

    @torch.no_grad()
    def set_alignment(self, layer: Alignment) -> None:
        """Puts ``layer`` behind the flow and its means into the mixture."""
        self.alignment = layer
        self.mixture.means.copy_(layer.aligned_means)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *arguments, **options) -> None:
        if f"{prefix}alignment.means" in state_dict and self.alignment is None:
            self.alignment = Alignment(self.num_classes, self.config.dims).to(self.class_means)
        super()._load_from_state_dict(state_dict, prefix, *arguments, **options)

    def _to_latents(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z, log_det = self.flow(x)
        if self.alignment is None:
            return z, log_det
        z, more = self.alignment(z)
        return z, log_det + more

    def _from_latents(self, z: Tensor) -> Tensor:
        return self.flow.inverse(z if self.alignment is None else self.alignment.inverse(z))

    def loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None = None
    ) -> tuple[Loss, Tensor]:
        """The objective at ``x`` (Eqs. 4-9), and the log-posterior ``(N, K)``."""
        z, log_det = self(x)
        with torch.no_grad():
            log_posterior = self.mixture.log_posterior(z)
        return objective(self.mixture, z, log_det, labels, likelihood_weights), log_posterior

    def log_prob(self, x: Tensor, per_class: bool = False) -> Tensor:
        """log q(x) in nats, the density over [0, 1] pixels, ``(N,)``; with ``per_class`` log q(x | y), ``(N, K)``.

        The mixture of Eq. 2 at z = g(x), plus log |det ∂g/∂x|.
        """
        z, log_det = self._encode_with_log_det(x)
        if per_class:
            return self.mixture.log_prob(z) + log_det[:, None]
        return self.mixture.log_marginal(z) + log_det

    def posterior(self, x: Tensor) -> Tensor:
        """q(y | x) by Bayes' rule, ``(N, K)``, rows sum to one."""
        return self.mixture.log_posterior(self.encode(x)).exp()

    @torch.no_grad()
    def sample(
        self,
        classes: Tensor | list[int] | int,
        temperature: float = 1.0,
        center: str = "mean",
        generator: torch.Generator | None = None,
        noise: Tensor | None = None,
    ) -> Tensor:
        """Images drawn from q(x | y), ``(N, C, H, W)``, not clipped to [0, 1].

        Arguments:
            classes: the class of each image: ``(N,)`` integers in 0..K-1, or one of them.
            temperature: deviation of the latents from the centre a dimension; 1 is the mixture's own.
            center: ``"mean"`` for the learned μ_y, ``"empirical"`` for the class mean of the training
                images' latents, around which the model's mass really lies (Appendix D).
            generator: on the CPU; makes the draw repeatable.
            noise: standard normal ``(N, D)`` to take instead of drawing it, so that images of several classes or
                models can share it.

        Raises:
            ValueError: for a class, a temperature, a centre or a shape of the noise that there is not.
        """
        classes = torch.as_tensor(classes).reshape(-1)
        whole = not classes.is_floating_point() and classes.dtype != torch.bool
        if not whole or ((classes < 0) | (classes >= self.mixture.num_classes)).any():
            raise ValueError(f"classes must be whole numbers from 0 to {self.mixture.num_classes - 1}")
        if not 0 <= temperature < float("inf"):
            raise ValueError(f"the temperature must be 0 or positive and finite, not {temperature}")
        centers = self._centers(center)
        shape = (len(classes), self.config.dims)
        noise = torch.randn(shape, generator=generator) if noise is None else noise
        if noise.shape != shape:
            raise ValueError(f"the noise must have the shape {shape}, not {tuple(noise.shape)}")
        return self.decode(centers[classes.to(centers.device)] + temperature * noise.to(centers))

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

    def _look(self, x: Tensor) -> dict[str, Tensor]:
        z, log_det = self._to_latents(x)
        log_prob = self.mixture.log_marginal(z) + log_det
        return {"latents": z, "log_prob": log_prob, "posterior": self.mixture.log_posterior(z).exp()}


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


@overload
def _in_batches(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor: ...
@overload
def _in_batches(function: Callable[[Tensor], tuple[Tensor, Tensor]], values: Tensor) -> tuple[Tensor, Tensor]: ...
@overload
def _in_batches(function: Callable[[Tensor], dict[str, Tensor]], values: Tensor) -> dict[str, Tensor]: ...
def _in_batches(function: Callable[[Tensor], Any], values: Tensor) -> Any:
    """Applies ``function`` to parts of ``values`` along the first dimension and joins what comes out."""
    if not len(values):  # no layer need cope with an empty batch: PyTorch's own pixel_unshuffle does not
        return _map(lambda one: one[0][:0], [function(values.new_zeros(1, *values.shape[1:]))])
    return _map(torch.cat, [function(part) for part in values.split(BATCH)])


def _map(join: Callable, parts: list):
    """``join`` applied to the tensors of all ``parts``, which are tensors, or tuples or dicts of them."""
    if isinstance(parts[0], dict):
        return {name: join([part[name] for part in parts]) for name in parts[0]}
    if isinstance(parts[0], tuple):
        return tuple(join(column) for column in zip(*parts, strict=True))
    return join(parts)
