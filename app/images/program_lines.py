"""The few lines of Python that make from the library exactly what a page shows, to be pasted."""

import os
from collections.abc import Sequence

from app.images import pictures
from app.images.links import in_python
from app.images.pictures import Picture
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import Dataset
from ibinn_core.weight_space import MixedCheckpoint


def program(*lines: str, imports: Sequence[str] = ()) -> str:
    """Lines of code below the imports that all of them need, and further ``imports``."""
    imports = [*(["base64"] if any("base64." in line for line in lines) else []), *imports]
    head = [*(f"import {name}" for name in imports), "import numpy as np", "import ibinn_core as ib"]
    if os.environ.get("IBINN_CHECKPOINTS"):
        head.insert(0, "# IBINN_CHECKPOINTS must name the folders that it names for the app.")
    return "\n".join([*head, "", *lines])


def model_line(checkpoint: Checkpoint, name: str = "model") -> str:
    """The line that loads a model, trained or mixed."""
    if isinstance(checkpoint, MixedCheckpoint):
        return f'{name} = ib.family("{checkpoint.dataset.name}").at({checkpoint.point.gamma!r})'
    return f'{name} = ib.load("{checkpoint.id}")'


def checkpoint_line(checkpoint: Checkpoint) -> str:
    """The line that finds what is stored with a model."""
    if isinstance(checkpoint, MixedCheckpoint):
        return f'checkpoint = ib.family("{checkpoint.dataset.name}").checkpoint({checkpoint.point.gamma!r})'
    return f'checkpoint = next(c for c in ib.checkpoints() if c.id == "{checkpoint.id}")'


def image_lines(name: str, picture: Picture, dataset: Dataset) -> list[str]:
    """The lines that make an image, uint8 ``(H, W, C)``, under a name."""
    gallery, _, rest = picture.token.partition("-")
    if gallery == pictures.SAMPLE and dataset.embedded:
        return [f'{name} = ib.data.embedded("{dataset.name}")[0][{int(rest)}]']
    if gallery == pictures.TEST:
        return [
            f'images = ib.data.load("{dataset.name}", "test")[0]',
            f"{name} = images[ib.data.locate(np.array([0x{rest}], np.uint64), images)[0]]",
        ]
    if gallery == pictures.SAMPLE:  # drawn by a model, or of a data set of one's own
        return [f"{name} = np.array({picture.pixels.tolist()}, np.uint8)"]
    channels, height, width = dataset.image_shape
    return [f"{name} = {in_python(rest, (height, width, channels))}"]
