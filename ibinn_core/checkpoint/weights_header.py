"""Whether the file of the weights is complete and of the shapes that its config asks for; its header alone is read."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..files import UnreadableError, check_regular
from ..models.config import TrainingConfig
from ..models.kinds import OWN_FLOW
from ..models.schema import shown
from ..models.shapes import MEANS, OWN_NET, TRUTH, WHOLE, Shape, stored_shapes
from .names import CONFIG, LIMITS, LONGEST_HEADER, WEIGHTS
from .validation import brief, refusal

_FLOATS = {"F16", "BF16", "F32", "F64"}


def check_weights(path: Path, training: TrainingConfig, num_classes: int) -> None:
    """Checks the header of the weights in the folder ``path``; reads no tensor.

    It must be valid, describe the file to its last byte, and name the tensors of such a model with their shapes.

    Raises:
        CheckpointError: if the file is missing or damaged, or of another model.
    """
    try:
        expected, alignment = stored_shapes(training, num_classes)
    except ValueError as error:
        raise refusal(path, f"its {CONFIG} does not describe a model ({brief(error)})") from error
    found = read_header(path)
    if training.model == OWN_FLOW:  # what its network stores is compared with the network, once that is built
        found = {name: tensor for name, tensor in found.items() if not name.startswith(OWN_NET)}
    if found.keys() & alignment.keys():  # then all of it; the means behind it follow from it
        expected |= alignment
        expected = {name: shape for name, shape in expected.items() if name != MEANS or name in found}
    reason = _difference(found, expected)
    if reason is not None:
        raise refusal(path, f"its {WEIGHTS} does not fit its {CONFIG}: {reason}")


def read_header(path: Path) -> dict[str, tuple[str, Shape]]:
    """The type and shape of each tensor in the weights of a checkpoint, by its name.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    damaged = f"its {WEIGHTS} is damaged"
    try:
        check_regular(path / WEIGHTS, LIMITS[WEIGHTS])
        with open(path / WEIGHTS, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise refusal(
                path,
                f"{damaged}: it is no safetensors file, or has a header of more than {LONGEST_HEADER // 2**20} MiB",
            )
        with safe_open(path / WEIGHTS, "np") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118  # it does not iterate
            return {name: (part.get_dtype(), tuple(part.get_shape())) for name, part in slices.items()}
    except FileNotFoundError as error:
        raise refusal(path, f"it has no {WEIGHTS}") from error
    except UnreadableError as error:
        raise refusal(path, f"{damaged}: it {error}") from error
    except (SafetensorError, OSError) as error:
        raise refusal(path, f"{damaged}, cut short or has something appended") from error


def _difference(found: dict[str, tuple[str, Shape]], expected: dict[str, Shape]) -> str | None:
    """What differs first, as words; ``None`` if nothing does."""
    for name, shape in expected.items():
        if name not in found:
            return f"it has no {name}"
        kind, own = found[name]
        if own != shape:
            return f"{name} has the shape {shown(own)} where {shape} is needed"
        whole = "I64" if name.endswith(WHOLE) else "BOOL" if name.endswith(TRUTH) else None
        if kind != whole and not (whole is None and kind in _FLOATS):
            return f"{name} holds numbers of the type {kind}"
    alien = found.keys() - expected.keys()
    return f"it holds {shown(min(alien))}, which such a model does not have" if alien else None
