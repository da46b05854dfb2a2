"""The latents of the curve's images and one image's posterior, as they follow γ."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.figures.following import Following
from app.figures.latent import circle_around, opacity
from app.latent_space.clouds import Track
from ibinn_core.checkpoint import Checkpoint

NONE = np.zeros(0, np.uint64)


def cloud_following(
    track: Track, checkpoint: Checkpoint, drawn: Sequence[int], marks: Mapping[str, np.uint64], lasso: np.ndarray = NONE
) -> Following:
    """The cloud of :func:`app.figures.latent.latent_figure`, in the colours of the classes that are ``drawn``.

    ``marks`` has the hash of the image that each mark, such as ``"ring"``, is at; ``lasso`` those of the lassoed
    images.
    """
    latent = checkpoint.latent
    labels, hashes = latent["labels"][track.rows].astype(int), latent["hashes"][track.rows]
    moving, fixed = {}, {}
    for k in drawn:
        own = labels == k
        x, y = circle_around(track.means[:, k, :, None])
        moving[f"cloud-{k}"] = {"x": track.points[:, own, 0], "y": track.points[:, own, 1]}
        shown = np.broadcast_to(opacity(np.flatnonzero(own), np.flatnonzero(np.isin(hashes, lasso))), own.sum())
        fixed[f"cloud-{k}"] = {"text": "", "customdata": None, "marker": {"opacity": shown.tolist()}}
        moving[f"circle-{k}"] = {"x": x, "y": y}
        moving[f"mean-{k}"] = {"x": track.means[:, [k] * 3, 0], "y": track.means[:, [k] * 3, 1]}
    for name, token in marks.items():
        marked = hashes == token
        if marked.any():
            moving[name] = {"x": track.points[:, marked, 0], "y": track.points[:, marked, 1]}
    return Following(moving, fixed)
