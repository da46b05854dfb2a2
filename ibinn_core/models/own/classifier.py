"""A flow of one's own with a mixture behind it: all that the library can ask of an IB-INN."""

import torch
from torch import Tensor

from ...layers import ClassStandardization
from ...layers.standardization import class_averages
from ..architecture import FlowConfig
from ..checks import check_finite
from ..classifier import GenerativeClassifier
from ..flow import Flow
from ..preprocessing import NOISE_SEED, UNIFORM, Noise, add_noise, check_noise
from .adapter import FlowAdapter
from .registry import UnknownFlowError, build, why_unknown

SAME = 1e-3  # by how much a latent of the probe may differ from the stored one, in relation to their deviation


class OwnFlow(Flow):
    """A flow of any library and the affine layer that :meth:`OwnFlowClassifier.fit_mixture` sets.

    Arguments are those of :class:`.adapter.FlowAdapter`, and K. The buffer ``probe`` has the latent of one certain
    image, ``(D,)``, as it was when the model was exported; a network that is built in another way has another one.
    """

    probe: Tensor

    def __init__(self, flow: object, image_shape: tuple[int, int, int], num_classes: int) -> None:
        adapter = FlowAdapter(flow, image_shape)
        super().__init__([adapter, ClassStandardization(num_classes, adapter.dims)])
        self.image_shape = image_shape
        self.register_buffer("probe", torch.zeros(adapter.dims))

    def inverse(self, y: Tensor) -> Tensor:
        """Maps latents ``(N, D)`` back to images, without the log-determinant, which may cost as much again."""
        for layer in reversed(self._invertible):
            y = layer.inverse(y)
        return y

    @property
    def standardization(self) -> ClassStandardization:
        """The affine layer at its end."""
        layer = self.layers[1]
        assert isinstance(layer, ClassStandardization)
        return layer

    @torch.no_grad()
    def look_at_probe(self) -> Tensor:
        """The latent ``(D,)`` of the image by which two networks are told apart."""
        generator = torch.Generator().manual_seed(2020)
        x = 0.1 + 0.8 * torch.rand(1, *self.image_shape, generator=generator)
        return self(x.to(self.probe))[0][0]

    def is_as_exported(self) -> bool:
        """Whether the network does with the stored probe what the exported one did, up to rounding."""
        now = self.look_at_probe()
        off = (now - self.probe).square().mean().sqrt()
        return bool(off <= SAME * self.probe.square().mean().sqrt().clamp(min=1))


class OwnFlowClassifier(GenerativeClassifier):
    """A flow of FrEIA, normflows, zuko or any other library as a generative classifier; :func:`wrap_flow` makes one.

    It has all methods of :class:`~ibinn_core.Classifier`, and can be trained further by any objective of an IB-INN.
    Behind the flow come an affine layer (:class:`~ibinn_core.layers.ClassStandardization`), the identity until
    :meth:`fit_mixture`, and the mixture of unit Gaussians.

    Arguments:
        config: whose ``builder`` names the flow.
        num_classes: K.
        flow: as :func:`wrap_flow` takes it; what the registered builder builds if ``None``.

    Raises:
        ValueError: if there is no builder of that name, or it builds no flow for such images.
    """

    kind = "own-flow"
    needs_fit = False
    flow: OwnFlow

    def __init__(self, config: FlowConfig, num_classes: int = 10, flow: object = None) -> None:
        if config.builder is None:
            raise ValueError("a flow of one's own needs the name of what builds it")
        flow = build(config.builder) if flow is None else flow
        super().__init__(config, num_classes, learn_weights=True, flow=OwnFlow(flow, config.image_shape, num_classes))

    @torch.no_grad()
    def fit_mixture(self, x: Tensor, labels: Tensor) -> None:
        """Sets the mixture from images of known classes: where they lie, how they are spread, and how many there are.

        The affine layer in front of the mixture gets the latents' mean, the deviation of each dimension within classes,
        and their covariance within classes in the K - 1 dimensions that tell these apart. μ_y become the averages of
        the classes, and q(y) their shares (of a class without an image, half an image's). The flow stays as it is.

        Arguments:
            x: training images at pixel centres (:func:`ibinn_core.to_unit`), ``(N, C, H, W)``, more than K. Noise of
                the training's kind is added.
            labels: their classes, ``(N,)`` integers from 0 to K - 1.

        Raises:
            ValueError: for other images or labels.
        """
        if not isinstance(labels, Tensor) or labels.is_floating_point() or labels.shape != (len(x),):
            raise ValueError(f"labels must be whole numbers of the shape ({len(x)},) in a torch tensor")
        check_finite(x, self.config.image_shape, "images", self.dtype)
        layer = self.flow.standardization
        layer.load_state_dict(ClassStandardization(self.num_classes, self.config.dims).to(layer.location).state_dict())
        self.alignment = None
        was_training = self.training
        self.eval()
        noisy = add_noise(x, self.noise, torch.Generator(x.device).manual_seed(NOISE_SEED))
        z = self.encode(noisy)
        layer.fit(z, labels)
        z = layer(z)[0]
        self.mixture.means.copy_(class_averages(z.double(), labels, self.num_classes))
        self.mixture.phi.copy_(torch.bincount(labels, minlength=self.num_classes).double().clamp(min=0.5).log())
        self.mixture.phi.sub_(self.mixture.phi.mean())
        self.train(was_training)

    @torch.no_grad()
    def set_mixture(self, means: Tensor, log_weights: Tensor | None = None) -> None:
        """Gives the mixture that the flow was trained with, of unit covariance; a ValueError for another shape.

        Arguments:
            means: μ_y, ``(K, D)``.
            log_weights: log q(y) up to a constant, ``(K,)``; all classes alike if not given.
        """
        mixture = self.mixture
        for given, own in ((means, mixture.means), (log_weights, mixture.phi)):
            if given is not None and given.shape != own.shape:
                raise ValueError(f"a mixture of {tuple(own.shape)} numbers is not given by {tuple(given.shape)}")
        mixture.means.copy_(means)
        mixture.phi.copy_(torch.zeros_like(mixture.phi) if log_weights is None else log_weights)

    @torch.no_grad()
    def check_builder(self) -> None:
        """Checks that what is registered builds the model's network, and stores the latent by which loading does so.

        Raises:
            ValueError: if nobody is registered, or builds another network.
        """
        name = self.config.builder
        assert name is not None
        if why_unknown(name):
            raise ValueError(f"nobody builds the flow {name!r}: call ibinn_core.register_flow({name!r}, ...) first")
        was_training = self.training
        self.flow.probe.copy_(self.eval().flow.look_at_probe())
        self.train(was_training)
        try:
            other = OwnFlowClassifier(self.config, self.num_classes)
            other.load_state_dict(self.state_dict())
        except UnknownFlowError as error:
            raise ValueError(f"its {error}") from error
        except (RuntimeError, TypeError) as error:
            raise ValueError(
                f"what is registered as {name!r} builds a network of other weights than the model's"
            ) from error
        if not other.eval().flow.is_as_exported():
            raise ValueError(
                f"what is registered as {name!r} builds another network than the model's: give a seed to what it draws "
                "and does not store, such as a permutation"
            )

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of images and latents; a flow may hold whole numbers too."""
        return self.mixture.means.dtype


def wrap_flow(
    name: str,
    flow: object,
    image_shape: tuple[int, int, int],
    num_classes: int = 10,
    noise: Noise = UNIFORM,
) -> OwnFlowClassifier:
    """A trained or untrained flow of FrEIA, normflows, zuko or any other library as a model of this one.

    The flow is recognised by what it can do (:mod:`ibinn_core.models.own.adapter`). It maps images over [0, 1], or
    vectors of their values, to as many latents. Behind it comes a mixture: :meth:`OwnFlowClassifier.fit_mixture` fits
    it, :meth:`OwnFlowClassifier.set_mixture` takes the one that the flow was trained with.

    Arguments:
        name: under which :func:`ibinn_core.register_flow` knows what builds the flow.
        flow: the flow, which is not copied.
        image_shape: ``(C, H, W)``.
        num_classes: K.
        noise: that was added to the images in training: ``"uniform"``, or σ in units of [0, 1].

    Returns:
        The model, in evaluation mode.

    Raises:
        TypeError: for what is no flow by its interface.
        ValueError: for a flow that does not take such images, or another value that is out of its range.

    Example:
        >>> from functools import partial
        >>> from ibinn_core.layers import AffineCoupling, Flatten, fully_connected
        >>> flow = ib.Flow([Flatten((1, 8, 8)), AffineCoupling(64, partial(fully_connected, width=16))])
        >>> model, x = ib.wrap_flow("one_coupling", flow, image_shape=(1, 8, 8)), torch.rand(5, 1, 8, 8)
        >>> model.posterior(x).shape, torch.allclose(model.decode(model.encode(x)), x, atol=1e-5)
        (torch.Size([5, 10]), True)
    """
    channels = image_shape[
        0
    ]  # mean and deviation, which nothing of it needs, are those of the data set once it is exported
    config = FlowConfig(image_shape=image_shape, mean=(0.5,) * channels, std=(0.25,) * channels, builder=name)
    if flow is None:  # which the class takes for the registered one
        raise TypeError("None is no flow by its interface")
    model = OwnFlowClassifier(config, num_classes, flow)
    model.noise = check_noise(noise)
    place = next((parameter.device for parameter in model.flow.parameters()), None)
    return model.to(place).eval() if place is not None else model.eval()
