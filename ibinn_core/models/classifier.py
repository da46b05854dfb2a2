r"""The classifiers and their methods. A generative classifier is a flow z = g(x) and a Gaussian mixture over z.

.. math::
    x \xrightarrow{g} z \xrightarrow{\text{mixture}} \log q(z|y) \xrightarrow{\text{Bayes}} q(y|x),
    \qquad \log q(x|y) = \log q(z|y) + \log|\det \partial z / \partial x|
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from ..exploration.arrays import as_count, as_number, class_numbers, index_of
from ..exploration.counterfactual import counterfactual
from ..layers import Alignment
from .adapter import FlowAdapter
from .architecture import FlowConfig
from .checks import check_finite, check_labels, check_size, check_type, is_traced, warn_of_bare_pixels
from .flow import SEED, Flow
from .flow_registry import build
from .kinds import DEFAULT, KINDS, OWN_FLOW
from .mixture import LatentMixture, linear_discriminant, tempered
from .objectives import Loss, Objective
from .preprocessing import NOISE_SEED, UNIFORM, Noise, add_noise, as_pixels, check_noise, dequantize, pixel_centres

PAST_THE_FLIP = 1.5  # length of a move to a class, in units of the distance to the flip
BATCH = 250  # images per forward pass, to bound the memory


class UnsupportedError(NotImplementedError):
    """Raised when the kind of a model does not support a method."""


class Classifier(nn.Module):
    """The base class of all models. All models classify. Other abilities depend on the kind of model.

    Images ``x`` are ``(N, C, H, W)`` floats over [0, 1] of the model's dtype (:meth:`preprocess`), and latents ``z``
    are ``(N, D)``; N may be 0. In evaluation mode only ``sample`` draws at random.

    Arguments:
        config: the architecture; for a feed-forward model, the architecture of the flow of the same size.
        num_classes: K.

    Raises:
        ValueError: from all methods but ``forward``, for images or latents with another shape or dtype, or with
            infinite, too large or (except in ``loss``) NaN values. While PyTorch traces, only shape and dtype count.
        UnsupportedError: from the methods that the model does not have.

    Attributes:
        has_latents: whether :meth:`encode` gives latents.
        is_invertible: whether :meth:`decode` gives the image of a latent.
        has_likelihood: whether the model has :meth:`log_prob`, :attr:`class_means` and :meth:`sample`.

    Example:
        >>> ib.load("vib-1").has_latents, ib.load("vib-1").has_likelihood
        (True, False)
    """

    #: The name in :data:`ibinn_core.models.kinds.KINDS`.
    kind: str
    #: The :class:`ibinn_core.Checkpoint` whose weights the model has; ``None`` after training or fitting.
    checkpoint: Any = None  # this package may not import its class
    #: The :class:`ibinn_core.data.Dataset` of the training, if it is known. It names the classes.
    dataset: Any = None

    def __init__(self, config: FlowConfig, num_classes: int = 10) -> None:
        super().__init__()
        if not isinstance(config, FlowConfig):
            raise TypeError(f"the config must be a FlowConfig such as ib.preset('cpu'), not {config!r}")
        self.config, self.num_classes = config, as_count(num_classes, 1, "num_classes")
        _, _, self.has_latents, self.is_invertible, self.has_likelihood = KINDS[self.kind]
        self._inputs = "images" if len(config.image_shape) == 3 else "vectors"
        #: The flow of an invertible model: the config's flow, or a given flow (:mod:`.adapter`); else ``None``.
        self.flow: Any = None
        #: The layer behind the flow, from :meth:`GenerativeClassifier.fit_alignment` or a checkpoint; else ``None``.
        self.alignment: Alignment | None = None
        #: The noise of the model's training, which decides how bits/dim are computed; it means nothing for vectors.
        self.noise: Noise = UNIFORM
        #: Class means of the training images' latents, (K, D), while the model has a checkpoint with latents.
        self.empirical_class_means: Tensor | None = None
        #: Root mean square deviation of these latents from their class means, per dimension.
        self.latent_spread: float | None = None

    def train(self, mode: bool = True) -> Self:
        """Works as in PyTorch. In training mode, the model forgets its checkpoint, since the card will not apply."""
        if mode:
            self._forget()
        return super().train(mode)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Works as in PyTorch. With gradients, the model forgets its checkpoint, as in training mode."""
        if requires_grad:
            self._forget()
        return super().requires_grad_(requires_grad)

    def _forget(self) -> None:
        self.checkpoint = self.empirical_class_means = self.latent_spread = None

    def evaluate(self, x: Tensor) -> dict[str, Tensor]:
        """``posterior`` (N, K) of images ``x``; also ``latents`` (N, D) and ``log_prob`` (N,) if the model has them."""
        check_finite(x, self.config.image_shape, self._inputs, self.dtype)
        return _in_batches(self._evaluate, x)

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """Old name of :meth:`evaluate`, from version 0.1. Version 1.1 removes this name."""
        warnings.warn("version 1.1 will remove model.look: use model.evaluate", DeprecationWarning, stacklevel=2)
        return self.evaluate(x)

    def preprocess(self, images: Any) -> Tensor:  # arrays, tensors or images of Pillow
        """Converts 8-bit pixels to the model's input, ``(N, C, H, W)`` on its device, by ``dequantize``.

        The noise is the same in every call. For training, draw new noise with :func:`ibinn_core.add_noise`.

        The ``images`` are uint8 ``(N, H, W, C)`` or ``(H, W, C)``, an array or a tensor; an image of Pillow; or a list
        of these. Other values raise a ValueError.
        """
        centres = pixel_centres(as_pixels(images, self.config.image_shape))
        return dequantize(centres.to(self.dtype), self.noise).to(self.device)

    def posterior(self, x: Tensor) -> Tensor:
        """q(y | x) of images ``x``, ``(N, K)``; rows sum to one.

        Example:
            >>> ib.load("gamma-1").posterior(ib.to_unit(ib.data.sample()[0][:3])).shape
            torch.Size([3, 10])
        """
        return self.evaluate(x)["posterior"]

    def predict(self, x: Tensor) -> Tensor:
        """The most probable class of each image ``x``, ``(N,)`` int64."""
        return self.posterior(x).argmax(1)

    def encode(self, x: Tensor) -> Tensor:
        """The latents of images ``x``, ``(N, D)``.

        Example:
            >>> ib.load("gamma-1").encode(ib.to_unit(ib.data.sample()[0][:3])).shape  # 3072 = 3 · 32 · 32
            torch.Size([3, 3072])
        """
        if not self.has_latents:
            raise self._unsupported("has no latents", "it maps the image straight to the classes")
        return self.evaluate(x)["latents"]

    def decode(self, z: Tensor) -> Tensor:
        """The images x = g⁻¹(z), ``(N, C, H, W)``, not clipped to [0, 1].

        Example:
            >>> model, x = ib.load("gamma-1"), ib.to_unit(ib.data.sample()[0][:3])
            >>> bool((model.decode(model.encode(x)) - x).abs().max() < 1e-4)
            True
        """
        if not self.is_invertible:
            raise self._unsupported("cannot decode", "it keeps only what tells an image's class, and loses the rest")
        check_finite(z, (self.config.dims,), "latents", self.dtype)
        front = nn.Identity() if self.alignment is None else self.alignment.inverse
        return _in_batches(lambda part: {"x": self.flow.inverse(front(part))}, z)["x"]

    def log_prob(self, x: Tensor, per_class: bool = False) -> Tensor:
        """The log-likelihood log q(x) in nats, ``(N,)``; with ``per_class`` log q(x | y), ``(N, K)``."""
        raise self._unsupported("has no likelihood", "it models q(y | x), not the images")

    def sample(self, *arguments: Any, **options: Any) -> Tensor:  # a subclass names the arguments
        """Images drawn from q(x | y), ``(N, C, H, W)``; see :meth:`GenerativeClassifier.sample` for arguments."""
        raise self._unsupported("cannot sample", "it has no distribution over images to draw from")

    def move(self, *arguments: Any, **options: Any) -> Tensor:  # a subclass names the arguments
        """Latents moved along attributes or to a class; see :meth:`GenerativeClassifier.move` for arguments."""
        raise self._unsupported("cannot move latents", "there is no mixture in its latent space")

    def loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None = None
    ) -> tuple[Loss, Tensor]:
        """The loss that training minimises, its parts, and class scores ``(N, K)``.

        Arguments:
            x: training images with their noise, ``(N, C, H, W)``.
            labels: ``(N,)`` integers in 0..K-1, or label distributions ``(N, K)``.
            objective: an objective for this kind of model.
            likelihood_weights: how much each image counts in L_X, ``(N,)``.

        Raises:
            ValueError, TypeError: for an objective of another kind of model, invalid labels, or no image.
        """
        if not isinstance(objective, Objective):
            raise TypeError(f"the objective must be an Objective, like ib.Objective(gamma=1.0), not {objective!r}")
        # NaN is allowed: it gives a loss that is not finite, and a training skips such a batch.
        check_type(x, self.config.image_shape, self._inputs, self.dtype)
        check_size(x.detach().flatten(1), self._inputs)
        if not len(x):
            raise ValueError("a loss is a mean over at least one image, not over none")
        if len(labels) != len(x):
            raise ValueError(f"there must be one label for each image, not {len(labels)} for {len(x)}")
        if self.training and not is_traced(x) and not getattr(self.flow, "fitted", True):
            warnings.warn("Some layers are not set from data yet: call model.fit(x) first.", stacklevel=2)
        return self._loss(x, labels, objective, likelihood_weights)

    def fit(self, x: Tensor) -> None:
        """Sets whitening and ActNorm from images ``x`` (N, C, H, W) over [0, 1], if they exist and are not set."""
        check_finite(x, self.config.image_shape, self._inputs, self.dtype)
        if not len(x):
            raise ValueError("a model is fitted to at least one image, not to none")
        if isinstance(self.flow, Flow):
            self.flow.fit(x)

    @property
    def device(self) -> torch.device:
        """The device of the parameters, on which images and latents must be."""
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of parameters, images and latents; bfloat16 is too coarse for latents."""
        return next(p.dtype for p in self.parameters() if p.is_floating_point())

    def _evaluate(self, x: Tensor) -> dict[str, Tensor]:
        return {"posterior": torch.softmax(self(x), 1)}

    def _loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None
    ) -> tuple[Loss, Tensor]:
        logits = self(x)
        return objective.of_logits(logits, labels), logits.detach()

    def _unsupported(self, what: str, why: str) -> UnsupportedError:
        name = KINDS[self.kind].name
        return UnsupportedError(f"{name[0].upper()}{name[1:]} {what}: {why}.")


class GenerativeClassifier(Classifier):
    """An IB-INN: one invertible network and one Gaussian per class in its latent space.

    Arguments:
        config: the architecture.
        num_classes: K.
        learn_means: whether class means are trained; ``False`` for the regularised class-NLL of Section 4.1.
        learn_weights: whether class weights are trained (Appendix B); otherwise every class has the weight 1/K.
        flow: replaces the flow of the config; :func:`wrap_flow` takes a flow of another library.

    Example:
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> model, x = ib.GenerativeClassifier(small, num_classes=4).eval(), torch.rand(2, 3, 8, 8)  # untrained
        >>> model.encode(x).shape, model.log_prob(x).shape, model.posterior(x).shape
        (torch.Size([2, 192]), torch.Size([2]), torch.Size([2, 4]))
    """

    kind = DEFAULT

    def __init__(
        self,
        config: FlowConfig,
        num_classes: int = 10,
        learn_means: bool = True,
        learn_weights: bool = False,
        flow: Any = None,  # a flow of any library
    ) -> None:
        super().__init__(config, num_classes)
        self.kind = DEFAULT if config.builder is None else OWN_FLOW
        if flow is None:
            flow = Flow.from_config(config) if config.builder is None else build(config.builder)
        is_ours = isinstance(flow, Flow) and config.builder is None
        self.flow = flow if is_ours else FlowAdapter(flow, config.image_shape)
        self.mixture = LatentMixture(self.num_classes, config.dims, torch.Generator().manual_seed(SEED))
        self.mixture.means.requires_grad = learn_means
        self.mixture.phi.requires_grad = learn_weights

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Latents ``(N, D)`` and ``log |det ∂z/∂x|`` ``(N,)`` in nats, without checks and batches."""
        z, log_det = self.flow(x)
        if self.alignment is None:
            return z, log_det
        z, more = self.alignment(z)
        return z, log_det + more

    @torch.no_grad()
    def fit_mixture(self, x: Tensor, labels: Tensor) -> None:
        """Fits the mixture to images of known classes; the flow does not change.

        :func:`.mixture.linear_discriminant` gives the posterior, and an :class:`.Alignment` maximises the likelihood.

        Arguments:
            x: training images at pixel centres, ``(N, C, H, W)``, to which noise is added; or vectors ``(N, D)``.
            labels: their classes, ``(N,)`` integers from 0 to K - 1, each of which must occur.

        Raises:
            ValueError: for invalid images or labels, or fewer than two classes.
        """
        check_labels(labels, self.num_classes)
        was_training, self.alignment = self.training, None
        if x.ndim == 4:
            x = add_noise(x, self.noise, torch.Generator(x.device).manual_seed(NOISE_SEED))
        z = self.eval().encode(x)
        self.train(was_training)
        means, log_weights, deviation = linear_discriminant(z, labels, self.num_classes)
        self.mixture.phi.copy_(log_weights - log_weights.mean())
        layer = Alignment(self.num_classes, self.config.dims).to(means)
        layer.fit(z, means, log_weights, deviation)
        self.set_alignment(layer)

    def fit_alignment(self, z: Tensor, temperature: float = 1.0) -> None:
        """Adds an affine layer behind the flow that fits the mixture to the latents (:class:`.Alignment`).

        Arguments:
            z: latents of training images, ``(N, D)``, from :meth:`encode` before this call.
            temperature: T, positive. The class scores are first divided by T (:func:`.mixture.tempered`).

        Raises:
            ValueError: for means that span fewer than K - 1 dimensions, or an invalid temperature.
        """
        check_finite(z, (self.config.dims,), "latents", self.dtype)
        layer = Alignment(self.num_classes, self.config.dims).to(self.class_means)
        means = self.class_means
        if self.alignment is not None:
            z, means = self.alignment.inverse(z), self.alignment.means_in_front(means)
        if temperature != 1:
            means = tempered(means, self.mixture.log_weights, temperature)
        layer.fit(z, means, self.mixture.log_weights.detach())
        self.set_alignment(layer)

    @torch.no_grad()
    def set_alignment(self, layer: Alignment) -> None:
        """Puts an alignment behind the flow, and its means into the mixture."""
        self._forget()
        self.alignment = layer
        self.mixture.means.copy_(layer.aligned_means)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *arguments: object, **options: object) -> None:
        self._forget()
        if f"{prefix}alignment.means" in state_dict and self.alignment is None:
            self.alignment = Alignment(self.num_classes, self.config.dims).to(self.class_means)
        super()._load_from_state_dict(state_dict, prefix, *arguments, **options)

    def _loss(
        self, x: Tensor, labels: Tensor, objective: Objective, likelihood_weights: Tensor | None
    ) -> tuple[Loss, Tensor]:
        z, log_det = self(x)
        with torch.no_grad():
            log_posterior = self.mixture.log_posterior(z)
        return objective(self.mixture, z, log_det, labels, likelihood_weights), log_posterior

    def log_prob(self, x: Tensor, per_class: bool = False) -> Tensor:
        """Log-density log q(x) in nats over [0, 1] pixels, ``(N,)``; with ``per_class`` log q(x | y), ``(N, K)``.

        A model that was trained with uniform noise warns of 8-bit pixels without noise (:meth:`preprocess`).

        Example:
            >>> model = ib.load("gamma-1")
            >>> model.log_prob(model.preprocess(ib.data.sample()[0][:3]), per_class=True).shape
            torch.Size([3, 10])
        """
        check_finite(x, self.config.image_shape, self._inputs, self.dtype)
        if self.noise == UNIFORM:
            warn_of_bare_pixels(x)
        if not per_class:
            return _in_batches(self._evaluate, x)["log_prob"]
        found = _in_batches(lambda part: dict(zip(("z", "log_det"), self.forward(part), strict=True)), x)
        return self.mixture.log_prob(found["z"]) + found["log_det"][:, None]

    @torch.no_grad()
    def sample(
        self,
        classes: Tensor | Sequence[int | str] | int,
        temperature: float = 1.0,
        center: str = "mean",
        generator: torch.Generator | None = None,
        noise: Tensor | None = None,
        guidance: float = 1.0,
    ) -> Tensor:
        r"""Images drawn from q(x | y), ``(N, C, H, W)``, not clipped to [0, 1].

        Arguments:
            classes: the class of each image, ``(N,)`` integers in 0..K-1, or a list of names; or a number N of images
                whose classes are drawn from q(y).
            temperature: standard deviation of the latents around the centre, per dimension, 0 or more.
            center: ``"mean"`` for the learned μ_y, ``"empirical"`` for the class mean of the training images' latents
                (Appendix D).
            generator: generator of random numbers, on the CPU.
            noise: standard normal values ``(N, D)`` to use instead of drawing them.
            guidance: w, 0 or more: latents lie around :math:`\bar m + w (m_y - \bar m)`. Here :math:`m_y` is the
                class's centre and :math:`\bar m` the average of all centres, as in classifier-free guidance (Ho and
                Salimans 2022).

        Raises:
            ValueError: for an invalid argument, or ``"empirical"`` for a model without empirical class means.

        Example:
            >>> model = ib.load("gamma-1")
            >>> frogs = model.sample([6, 6], temperature=0.7, generator=torch.Generator().manual_seed(0))
            >>> ib.to_uint8(frogs).shape, model.sample(4).shape  # four images of any classes
            ((2, 32, 32, 3), torch.Size([4, 3, 32, 32]))
        """
        if not isinstance(generator, torch.Generator | None):
            raise ValueError("the generator must be a torch.Generator, such as torch.Generator().manual_seed(0)")
        classes = self._classes(classes, generator)
        temperature = as_number(temperature, "the temperature", 0)
        guidance = as_number(guidance, "the guidance", 0)
        centers = self._centers(center)
        if guidance != 1:
            centers = torch.lerp(centers.mean(0), centers, guidance)
        shape = (len(classes), self.config.dims)
        noise = torch.randn(shape, generator=generator) if noise is None else noise
        if not isinstance(noise, Tensor) or tuple(noise.shape) != shape:
            found = f"{tuple(noise.shape)}" if isinstance(noise, Tensor) else f"a {type(noise).__name__}"
            raise ValueError(f"the noise must be a tensor of shape {shape}, not {found}")
        return self.decode(centers[classes.to(centers.device)] + temperature * noise.to(centers))

    def move(self, z: Tensor, to: str | int | None = None, **steps: float) -> Tensor:
        """Moves latents along measured attributes, which changes no posterior, or to another class.

        Arguments:
            z: latents, ``(N, D)``.
            to: the name or number of a class. The move goes 1.5 times as far as the point where the model's answer
                flips (:func:`.exploration.counterfactual`).
            steps: how far to move along each attribute (:func:`.exploration.attributes`), in standard deviations.

        Returns:
            ``(N, D)``; NaN for a latent whose line never reaches the class ``to``.

        Raises:
            ValueError: for an unknown attribute or class, an invalid step, or attributes of a model with no checkpoint.
            CheckpointError: for an attribute of a checkpoint without ``style.npz``.
        """
        check_finite(z, (self.config.dims,), "latents", self.dtype)
        if steps and self.checkpoint is None:
            raise ValueError("this model has no measured attributes: save, measure and load it, if it takes images")
        for name, size in steps.items():
            styles = self.checkpoint.style
            direction = torch.from_numpy(styles.directions[index_of(name, styles.names, "attribute")])
            z = z + as_number(size, f"the step along {name!r}") * direction.to(z)
        return z if to is None else counterfactual(self, z, to).at(PAST_THE_FLIP)

    @property
    def class_means(self) -> Tensor:
        """A copy of μ_y, ``(K, D)``."""
        return self.mixture.means.detach().clone()

    def _classes(self, classes: Tensor | Sequence[int | str] | int, generator: torch.Generator | None) -> Tensor:
        classes = classes if isinstance(classes, str) else class_numbers(classes, self.dataset)
        wanted = f"classes must list names or numbers from 0 to {self.num_classes - 1}, or be the number of images"
        try:
            found = torch.as_tensor(classes.copy() if isinstance(classes, np.ndarray) else classes)
        except (TypeError, ValueError, RuntimeError) as error:  # the values are not an array
            raise ValueError(wanted) from error
        is_whole = not found.is_floating_point() and not found.is_complex() and found.dtype != torch.bool
        if not found.ndim and is_whole and found >= 0:
            weights = self.mixture.log_weights.exp().cpu()
            return torch.multinomial(weights, max(1, int(found)), replacement=True, generator=generator)[: int(found)]
        if found.ndim != 1 or (len(found) and not (is_whole and 0 <= found.min() <= found.max() < self.num_classes)):
            raise ValueError(wanted)
        return found.long()  # an empty list has no integer type yet

    def _centers(self, center: str) -> Tensor:
        if center == "mean":
            return self.class_means
        if center != "empirical":
            raise ValueError(f"center must be 'mean' or 'empirical', not {center!r}")
        if self.empirical_class_means is None:
            raise ValueError("this model has no empirical class means: load it from a checkpoint with latent.npz")
        centers = self.empirical_class_means.to(self.class_means)
        return torch.where(centers.isfinite(), centers, self.class_means)  # a class without images has no centre

    def _evaluate(self, x: Tensor) -> dict[str, Tensor]:
        z, log_det = self.forward(x)
        log_prob = self.mixture.log_marginal(z) + log_det
        return {"latents": z, "log_prob": log_prob, "posterior": self.mixture.log_posterior(z).exp()}


def wrap_flow(
    name: str,
    flow: Any,  # a flow of any library
    shape: tuple[int, ...],
    num_classes: int = 10,
    noise: Noise = UNIFORM,
) -> GenerativeClassifier:
    """A flow of FrEIA, normflows, zuko or any other library as a generative classifier.

    :mod:`ibinn_core.models.adapter` lists the methods that the flow needs. :meth:`GenerativeClassifier.fit_mixture`
    fits the mixture behind the flow.

    Arguments:
        name: name of the flow's builder in :func:`ibinn_core.register_flow`.
        flow: the flow, which is not copied.
        shape: shape of an input: ``(C, H, W)`` of an image, or ``(D,)``.
        num_classes: K.
        noise: the noise added to images in training: ``"uniform"``, or σ in units of [0, 1]. It means nothing
            for vectors.

    Raises:
        TypeError: if the methods are not those of a flow, or the shape is not a tuple.
        ValueError: for a flow that does not take such inputs, or another value out of its range.

    Example:
        >>> from functools import partial
        >>> from ibinn_core.layers import AffineCoupling, fully_connected
        >>> flow = ib.Flow([AffineCoupling(2, partial(fully_connected, width=16))])
        >>> model, x = ib.wrap_flow("two", flow, shape=(2,), num_classes=2), torch.randn(5, 2)
        >>> model.posterior(x).shape, torch.allclose(model.decode(model.encode(x)), x, atol=1e-5)
        (torch.Size([5, 2]), True)
    """
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"wrap_flow needs the shape of an input, (C, H, W) or (D,), not {shape!r}")
    if flow is None:  # otherwise a model would look for a registered flow
        raise TypeError("None does not have the methods of a flow")
    channels = shape[0] if len(shape) == 3 else 0  # an export replaces the mean and std
    config = FlowConfig(image_shape=shape, mean=(0.5,) * channels, std=(0.25,) * channels, builder=name)
    model = GenerativeClassifier(config, num_classes, learn_weights=True, flow=flow)
    model.noise = check_noise(noise)
    return model.to(next((parameter.device for parameter in model.flow.parameters()), "cpu")).eval()


def _in_batches(function: Callable[[Tensor], dict[str, Tensor]], values: Tensor) -> dict[str, Tensor]:
    if is_traced(values):
        return function(values)
    if not len(values):  # pixel_unshuffle does not accept an empty batch
        return {name: found[:0] for name, found in function(values.new_zeros(1, *values.shape[1:])).items()}
    parts = [function(part) for part in values.split(BATCH)]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
