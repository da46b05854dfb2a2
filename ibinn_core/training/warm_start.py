"""Starting a training from the weights of another."""

from collections.abc import Callable
from pathlib import Path

from torch import Tensor

from ..checkpoint import find, load
from ..models.baselines import VIB, IRevNet, ResNet
from ..models.classifier import Classifier, GenerativeClassifier
from ..models.config import TrainingConfig
from ..models.flow import FlowConfig
from .state import FILE, model_weights, read_state
from .trunk import is_trunk, trunk_config, trunk_weights

ALIGNMENT = "alignment."
BODIES = {ResNet: "body.", VIB: "body.", IRevNet: "flow."}  # what is in front of the layers that know the classes


def warm_start(source: str | Path) -> Callable[[Classifier], bool]:
    """A function that puts the weights of ``source`` into a new model, and says whether its class means stayed new.

    An alignment (:mod:`ibinn_core.layers.alignment`) is removed: the training continues with the means from before it.
    Means and class weights that the new model does not learn stay its own, and all of them where it has another number
    of classes. Between a ResNet and a VIB, and between two of either with different numbers of classes, only the body
    is taken over. Likewise an i-RevNet takes the flow of one with other classes, or of an IB-INN.

    Arguments:
        source: a training folder, a trunk (:mod:`.trunk`), or anything that :func:`ibinn_core.load` takes.

    Raises:
        ValueError: from the returned function, if the architectures or the kinds of models differ in other ways.
    """

    def init(model: Classifier) -> bool:
        weights = without_alignment(weights_of(source))
        is_new = _has_other_classes(model, weights)
        if isinstance(model, GenerativeClassifier):
            weights |= _own_mixture(model, weights)
        elif type(model) in BODIES:
            weights = _with_body(model.state_dict(), weights, BODIES[type(model)])
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            message = f"the weights of {source} are of another kind of model, or of another architecture than --preset"
            raise ValueError(message) from error
        return is_new

    return init


def without_alignment(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights as the training had them, before an export aligned the mixture."""
    if ALIGNMENT + "means" not in weights:
        return weights
    kept = {name: value for name, value in weights.items() if not name.startswith(ALIGNMENT)}
    return kept | {"mixture.means": weights[ALIGNMENT + "means"]}


def architecture_of(source: str | Path) -> FlowConfig:
    """The architecture that the weights of ``source`` have; ``source`` as for :func:`warm_start`."""
    if (Path(source) / FILE).exists():
        _, _, config = read_state(Path(source))
        return TrainingConfig.from_dict(config).architecture
    training = trunk_config(source)["training"] if is_trunk(source) else find(source).config["training"]
    return TrainingConfig.from_dict(training).architecture


def _own_mixture(model: GenerativeClassifier, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What the new model's mixture keeps: all of it for another number of classes, else what is not learned."""
    is_new, parameters = _has_other_classes(model, weights), model.mixture.named_parameters(prefix="mixture")
    return {name: value.data for name, value in parameters if is_new or not value.requires_grad}


def _has_other_classes(model: Classifier, weights: dict[str, Tensor]) -> bool:
    """Whether the weights are of a mixture of another number of classes."""
    others = weights.get("mixture.phi")
    return others is not None and len(others) != model.num_classes


def _with_body(own: dict[str, Tensor], weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """``weights``; if they are of another kind of model with such a body or of other classes, it and the rest of own.

    ``prefix`` is what the names of the body's weights begin with.
    """
    body = {name: value for name, value in weights.items() if name.startswith(prefix)}
    shapes, others = ({name: value.shape for name, value in one.items() if name not in body} for one in (own, weights))
    if shapes == others or not body:
        return weights
    return body | {name: value for name, value in own.items() if not name.startswith(prefix)}


def weights_of(source: str | Path) -> dict[str, Tensor]:
    """The weights of ``source`` as they are; ``source`` as for :func:`warm_start`."""
    if (Path(source) / FILE).exists():
        tensors, _, _ = read_state(Path(source))
        return model_weights(tensors)
    if is_trunk(source):
        return trunk_weights(source)
    return load(source).state_dict()
