"""The latents of the curve's images and one image's posterior, as they follow γ."""

import numpy as np

from app.figures.classes import shown_classes
from app.figures.latent import circle_around, opacity
from app.latent_space import clouds
from app.latent_space.clouds import Track
from app.models import registry
from app.widgets.following import Following
from ibinn_core.checkpoint import Checkpoint


def track_of(checkpoint: Checkpoint) -> Track | None:
    """What is stored of the curve of the model's family, if it lies on one."""
    family = registry.weight_space([checkpoint])
    if family is None or not family.curve or checkpoint.gamma is None or checkpoint.objective != "ib":
        return None
    return clouds.track(family) if checkpoint.is_on_the_way else None


def cloud_following(
    track: Track, checkpoint: Checkpoint, drawn: list[int], lasso: np.ndarray, token: np.uint64
) -> Following:
    """The cloud of :func:`app.figures.latent.latent_figure`, in the colours of the classes.

    Arguments:
        track: of the family.
        checkpoint: any trained model of it.
        drawn: the classes.
        lasso: hashes of the lassoed images.
        token: hash of the ringed image.
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
    ringed = hashes == token
    if ringed.any():
        moving["ring"] = {"x": track.points[:, ringed, 0], "y": track.points[:, ringed, 1]}
    return Following(moving, fixed)


def bars_following(track: Track, checkpoint: Checkpoint, row: int) -> Following | None:
    """The bars of a test image's posterior, if the curve has the image.

    Arguments:
        track: of the family.
        checkpoint: the model that is shown.
        row: of the image in its latent file.
    """
    trained = registry.weight_space([checkpoint])
    if trained is None:
        return None
    latent = trained.members[0].latent
    place = np.flatnonzero(latent["hashes"][track.rows] == checkpoint.latent["hashes"][row])
    if not len(place):
        return None
    shown = shown_classes(checkpoint.latent["posterior"][row], int(checkpoint.latent["labels"][row]))
    shares = track.posterior[:, place[0], shown]
    return Following({"bars": {"x": shares}}, {"bars": {"text": None, "texttemplate": "%{x:.0%}"}})
