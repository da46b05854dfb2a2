"""The images that commands measure a checkpoint on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from ..checkpoint import Checkpoint


def images_for(
    checkpoint: "Checkpoint", asked: str | None, written: str | None = None, split: str = "test"
) -> "tuple[str, np.ndarray, np.ndarray, bool]":
    """The images to measure a checkpoint on: their name, themselves, labels, and whether its card is of them too.

    Arguments:
        checkpoint: the one that is measured.
        asked: a data set's name or a folder's path; that of the training if ``None``.
        written: what will be written into the checkpoint, such as "a card is", for which the images must be those of
            the training; ``None`` if nothing is.
        split: ``"test"`` or ``"train"``.

    Raises:
        ValueError, DatasetError: in one sentence, if they are not there, or others.
    """
    from .. import data
    from ..data.copies import image_folder, name_of
    from ..data.datasets import SAMPLE

    own = checkpoint.dataset
    name = own.name if asked is None else asked
    if written and (name_of(name) != own.name or name == SAMPLE):
        raise ValueError(f"{written} measured on {own.name}, the data set of its training, not on {name}")
    if asked is None and own.fingerprint and image_folder(name) is None:
        places = " or ".join(map(str, data.roots()))
        raise ValueError(
            f"{checkpoint.id} was trained on the folder of images {own.title}, which is not in {places}: say where it "
            "is by --data"
        )
    channels, side, _ = own.image_shape
    images, labels = data.load(name, split, side, channels)
    found = data.describe(name, side, channels)
    if found.classes != own.classes:
        raise ValueError(f"{checkpoint.id} knows the classes of {own.name}, which are not those of {name}")
    is_own = (found.name, found.fingerprint) == (own.name, own.fingerprint) and name != SAMPLE
    if written and not is_own:
        raise ValueError(f"the images in {name} are not those that {checkpoint.id} was trained and measured on")
    return found.name if found.fingerprint else name, images, labels, is_own
