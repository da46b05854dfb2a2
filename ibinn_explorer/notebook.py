"""Latent space as a widget in a notebook."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from app.notebook.explorer import Explorer
    from ibinn_core.models.classifier import Classifier


def explore(
    model: "Classifier",
    images: "np.ndarray",
    labels: "np.ndarray | Sequence[int] | None" = None,
    classes: Sequence[str] | None = None,
) -> "Explorer":
    """Shows images in a model's latent space: a widget for Jupyter, VS Code, marimo and Colab.

    It shows the latents in the plane of the class means, one dot per image. A click chooses an image, ``row``. The
    lasso in the toolbar chooses images, ``rows``. The star marks the chosen image. Drag the star to move the latent
    in the plane; the decoded image and the posterior follow. The star has a position ``point``, a ``latent`` and an
    ``image``. A model of a family with a measured curve has a slider for γ, ``gamma``, which also moves the cloud. You
    can read these values, and set and observe all except ``latent`` and ``image``. The widget waits while a cell runs.

    Arguments:
        model: an IB-INN.
        images: uint8 ``(N, H, W, C)``.
        labels: the images' classes, ``(N,)`` integers; without them, dots have the colours of the predicted classes.
        classes: names of the classes; by default the names in the model's data set.

    Raises:
        ImportError: the package anywidget is missing.
        UnsupportedError: the model has no likelihood.
        ValueError: images, labels or classes do not fit, or ``model`` is a name.

    Example:
        >>> from ibinn_explorer import explore
        >>> images, labels = ib.data.load("sample")
        >>> widget = explore(ib.load("gamma-1"), images, labels)
        >>> widget.rows = np.flatnonzero(labels == 3)  # as a lasso would
        >>> widget.point = (0, 0)  # as a hand would drag the star
        >>> widget.rows, widget.image.shape, widget.gamma
        (array([0, 8]), (32, 32, 3), 1.0)
    """
    if isinstance(model, (str, Path)):
        raise ValueError(f"explore takes a model, not its name: explore(ib.load({str(model)!r}), images)")
    try:
        import anywidget  # noqa: F401
    except ModuleNotFoundError as error:
        raise ImportError(
            "explore needs the package anywidget: pip install anywidget, or the extra [notebook] of a wheel"
        ) from error
    from .app.notebook.explorer import Explorer  # pyright: ignore[reportMissingImports]  # see __init__.py

    return Explorer(model, images, labels, classes)
