"""Saves models as checkpoints."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..archives import npz
from ..files import as_json, new_folder, reason
from ..models.config import TrainingConfig
from ..models.flow_registry import why_unknown
from ..models.kinds import OWN
from ..models.objectives import Objective
from .arrays import Arrays
from .folder import Checkpoint, describe_dataset, read
from .format import ALIGNED, CARD, CONFIG, FORMAT, LATENT, MANIFEST, MEANS, STYLE, WEIGHTS, CheckpointError
from .verify import write_files

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier

UNKNOWN = "unknown"  # the name of an unknown data set
SAME = 1e-3  # largest difference, absolute plus relative, of a rebuilt network's latents and log-determinants


def save(model: "Classifier", folder: str | Path) -> None:
    """Writes a model into a folder, from which :func:`ibinn_core.load` gives the same model back. Measures nothing.

    The folder holds weights and config. Until it is measured, lists of checkpoints and the app omit it. It has no code:
    for a flow from another library, register the flow's builder with :func:`ibinn_core.register_flow`.

    An unchanged model from a checkpoint or a family keeps its config, with objective and γ.
    The library does not know how other weights were trained: their objective is ``"own"``.

    Arguments:
        model: any model of this library.
        folder: a new or empty folder, or one that this function has written and that has not been measured.

    Raises:
        TypeError: unless ``model`` is a model of this library.
        ValueError: if the saved model could not be loaded again.
        CheckpointError: if something at ``folder`` would be lost.
        WriteError: if something cannot be written.

    Example:
        >>> import tempfile
        >>> small = ib.preset("cpu").replace(image_shape=(3, 8, 8), blocks=(1, 1, 1))
        >>> model = ib.GenerativeClassifier(small, num_classes=4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ib.save(model, folder)
        ...     torch.equal(ib.load(folder).class_means, model.class_means)
        True
    """
    from ..models.classifier import Classifier

    if not isinstance(model, Classifier):
        raise TypeError(f"only models of this library can be saved, not {type(model).__name__}")
    path = Path(folder)
    check_target(path, may_be_measured=False)
    weights = _serialised(model.state_dict())
    name = model.config.builder
    if name is not None and why_unknown(name):
        raise ValueError(f"the flow {name!r} has no builder: call ibinn_core.register_flow({name!r}, ...) first")
    config = _config_as_loaded(model, weights) or config_of(model)
    with new_folder(path) as partial:
        write_files(partial, {CONFIG: as_json(config), WEIGHTS: weights})
        try:
            loaded = read(partial, is_measured=False).load()
        except CheckpointError as error:
            raise ValueError(
                f"this model could not be loaded again ({reason(error)}): its config must describe its network; wrap a "
                "flow of another library with ibinn_core.wrap_flow and register it with ibinn_core.register_flow"
            ) from error
        if name is not None and not _is_rebuilt(model, loaded):
            raise ValueError(
                f"the function registered as {name!r} builds a network that differs from the model's: give a seed to "
                "random parts that are not stored, such as a permutation, and choose an exact log-determinant"
            )


def _is_rebuilt(model: Any, loaded: Any) -> bool:  # model, loaded: generative classifiers
    """Checks that the rebuilt network gives the same latents and log-determinants."""
    import torch

    x = torch.rand(8, *model.config.image_shape, generator=torch.Generator().manual_seed(0))
    was_training = model.training
    with torch.no_grad():
        found, again = (one.eval().flow(x.to(one.device, one.dtype)) for one in (model, loaded))
    model.train(was_training)
    return all(torch.allclose(a.to(b), b, rtol=SAME, atol=SAME) for a, b in zip(found, again, strict=True))


def _config_as_loaded(model: "Classifier", weights: bytes) -> dict | None:
    """Returns the config of the model's checkpoint if this config still describes the model."""
    if model.checkpoint is None:
        return None
    try:
        loaded = model.checkpoint.load()
    except ValueError:  # the checkpoint is gone or was changed
        return None
    is_alike = (model.config, model.noise) == (loaded.config, loaded.noise)
    return model.checkpoint.config if is_alike and weights == _serialised(loaded.state_dict()) else None


def config_of(model: "Classifier") -> dict:
    """Returns the config of a model that another program has trained."""
    training = TrainingConfig(Objective(OWN, None), model.config, model.noise, model=model.kind).to_dict()
    stored = {name: training[name] for name in ("model", "noise", "objective", "architecture")}
    if model.config.builder is not None:
        kept = ("image_shape", "mean", "std", "builder")
        stored["architecture"] = {name: training["architecture"][name] for name in kept}
    known = {"name": UNKNOWN} if model.dataset is None else describe_dataset(model.dataset)
    return {
        "format": FORMAT,
        "training": stored,
        "num_classes": model.num_classes,
        "budget": {},
        "ancestry": [],
        "data": known,
    }


def write_checkpoint(
    path: Path,
    model: "Classifier | bytes",
    config: dict,
    card: dict,
    latent: Arrays,
    style: Arrays | None = None,
) -> Checkpoint:
    """Writes a measured checkpoint beside ``path`` and renames it to ``path``, which replaces an older checkpoint.

    ``model`` is a model, which :func:`weights_as_stored` serialises, or the bytes of its weights.

    Raises:
        CheckpointError: ``path`` holds something else, or the new checkpoint is unreadable. The old content stays.
        WriteError: the checkpoint cannot be written. The old content stays.
    """
    check_target(path)
    weights = model if isinstance(model, bytes) else weights_as_stored(model)
    config = {"format": FORMAT, **config}
    files = {CONFIG: as_json(config), WEIGHTS: weights, CARD: as_json(card), LATENT: npz(latent)}
    with new_folder(path) as partial:
        write_files(partial, files if style is None else {**files, STYLE: npz(style)})
        read(partial)  # an unreadable checkpoint must not replace an older one
    return read(path)


def check_target(path: Path, may_be_measured: bool = True) -> None:
    """Raises a CheckpointError unless ``path`` is free, empty, a saved model or, if allowed, a measured checkpoint."""
    there = {"no folder"} if path.exists() else set()
    if path.is_dir():
        there = {one.name for one in path.iterdir()}
    is_measured = {CONFIG, CARD} <= there  # a trunk has a config too, but no card
    if there not in (set(), {CONFIG, WEIGHTS, MANIFEST}) and not (may_be_measured and is_measured):
        raise CheckpointError(f"{path} is there already and would be lost: name another folder to write to.")


def weights_as_stored(model: "Classifier") -> bytes:
    """Serialises all parameters and buffers, with the sub-networks' matrices as float16.

    Omits the means of an aligned mixture, since they follow from its alignment.
    """
    values = {
        name: value.half() if ".subnetwork." in name and value.ndim > 1 else value
        for name, value in model.state_dict().items()
    }
    if ALIGNED in values:
        del values[MEANS]
    return _serialised(values)


def _serialised(values: "dict[str, Tensor]") -> bytes:
    """Returns the bytes of a safetensors file; raises a ValueError unless all numbers are finite."""
    from safetensors.torch import save as serialise

    for name, value in values.items():
        if not value.isfinite().all():
            raise ValueError(f"{name} of the model holds numbers that are not finite: train it again")
    return serialise({name: value.clone().contiguous() for name, value in values.items()})
