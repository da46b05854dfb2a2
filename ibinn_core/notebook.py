"""The app's figures in a notebook."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.notebook.explorer import Explorer

    from .models.classifier import Classifier


def explore(
    model: "Classifier",
    images: np.ndarray,
    labels: np.ndarray | Sequence[int] | None = None,
    classes: Sequence[str] | None = None,
) -> "Explorer":
    """A widget for Jupyter, VS Code, marimo and Colab: images in a model's latent space.

    It shows the latents in the plane of the class means, a dot for each image. A click chooses one, ``row``; a lasso
    (of the figure's toolbar) several, ``rows``. The star is the chosen image: dragged, its latent moves within the
    plane and keeps all else, and the decoded image and the posterior follow; ``point`` is where it is, ``latent`` and
    ``image`` what is there. A model of a family with a measured curve has the slider of γ, ``gamma``, and the cloud
    follows it. All these can be read, set and observed. What follows a hand is computed by the kernel: while that
    runs a cell, it waits.

    Arguments:
        model: an IB-INN.
        images: uint8 ``(N, H, W, C)``.
        labels: their classes, ``(N,)`` integers; without them, dots have the colours of what ``model`` takes them for.
        classes: names of the classes; those of the model's data set if not given.

    Raises:
        RuntimeError: without the package anywidget or the app.
        UnsupportedError: for a model without a likelihood.
        ValueError: for other images, labels or classes, or a name in the place of a model.

    Example:
        >>> images, labels = ib.data.load("sample")
        >>> widget = ib.explore(ib.load("gamma-1"), images, labels)
        >>> widget.rows = np.flatnonzero(labels == 3)  # as a lasso would
        >>> widget.point = (0, 0)  # as a hand would drag the star
        >>> widget.rows, widget.image.shape, widget.gamma
        (array([0, 8]), (32, 32, 3), 1.0)
    """
    if isinstance(model, (str, Path)):
        raise ValueError(f"explore takes a model, not its name: ib.explore(ib.load({str(model)!r}), images)")
    # As the command site does: the figures are the app's, and nothing else here needs them.
    try:
        import anywidget  # noqa: F401
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "explore needs the package anywidget: pip install anywidget, which a wheel's extra [notebook] brings"
        ) from error
    try:
        from ibinn_explorer.copies import make_importable

        make_importable()
        from app.notebook.explorer import Explorer
    except ModuleNotFoundError as error:
        raise RuntimeError(
            f"explore shows the app's figures, and {error.name} is not installed here: install the wheel, or run it in "
            "the folder of the repository"
        ) from error
    return Explorer(model, images, labels, classes)
