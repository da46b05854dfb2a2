"""The latents of the curve's images, as they follow γ."""

from collections.abc import Sequence

from app.figures.following import Following
from app.figures.latent import circle_around
from app.latent_space.clouds import Track
from ibinn_core.checkpoint import Checkpoint


def cloud_following(track: Track, checkpoint: Checkpoint, drawn: Sequence[int]) -> Following:
    """The cloud of :func:`app.figures.latent.latent_figure`, in the colours of the classes that are ``drawn``."""
    labels = checkpoint.latent["labels"][track.rows].astype(int)
    moving = {}
    for k in drawn:
        x, y = circle_around(track.means[:, k, :, None])
        moving[f"cloud-{k}"] = {"x": track.points[:, labels == k, 0], "y": track.points[:, labels == k, 1]}
        moving[f"circle-{k}"] = {"x": x, "y": y}
        moving[f"mean-{k}"] = {"x": track.means[:, [k] * 3, 0], "y": track.means[:, [k] * 3, 1]}
    return Following(moving)
