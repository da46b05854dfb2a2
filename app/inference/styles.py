"""The style directions of a model, as the panel Move names them."""

import numpy as np

from ibinn_core.checkpoint import Checkpoint, CheckpointError


def styles_of(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """The stored style directions of a model, one deviation long, ``(D,)`` each, by name; none for an older one."""
    try:
        styles = checkpoint.style
    except CheckpointError:
        return {}
    styles_with_names = zip(styles.names, styles.explanations, styles.directions, strict=True)
    names = ((name if why in (None, name) else f"{name}: {why}", one) for name, why, one in styles_with_names)
    return {name.replace("_", " "): one for name, one in names}
