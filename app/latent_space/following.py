"""The latents of the curve's images and one image's posterior, as they follow γ."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.figures.classes import MOST
from app.figures.following import Following
from app.figures.latent import circle_around, opacity
from app.inference.models import is_continuous
from app.latent_space import clouds
from app.latent_space.clouds import Track
from app.models import registry
from app.models.live import as_picture, follow_live
from app.models.names import is_on_the_way
from app.models.origin import hash_of
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.weight_space import Family, MixedCheckpoint

NONE = np.zeros(0, np.uint64)


def curve_of(checkpoint: Checkpoint) -> Family | None:
    """The model's family, if it lies on its measured curve."""
    trained = registry.by_id(checkpoint.point.left) if isinstance(checkpoint, MixedCheckpoint) else checkpoint
    family = registry.weight_space([trained])
    return family if family is not None and is_on_the_way(checkpoint) and is_continuous(family) else None


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


def star_following(figure: str, checkpoint: Checkpoint, pixels: np.ndarray) -> None:
    """Lets the star of an image that the curve does not have follow γ, computed in the browser.

    Arguments:
        figure: key of the figure with the star.
        checkpoint: the slider's model.
        pixels: the image, uint8 ``(H, W, C)``.
    """
    if not is_on_curve(checkpoint, pixels) and len(checkpoint.classes) <= MOST:
        to = clouds.anchors_of_plane(checkpoint)
        follow_live(figure, checkpoint, "star", {"picture": as_picture(checkpoint, pixels), "anchors": to.tolist()})


def bars_following(figure: str, checkpoint: Checkpoint, pixels: np.ndarray, shown: Sequence[int]) -> None:
    """The same for the bars of its posterior, of those classes that are shown."""
    if not is_on_curve(checkpoint, pixels):
        task = {"picture": as_picture(checkpoint, pixels), "shown": list(shown)}
        follow_live(figure, checkpoint, "bars", task)


def is_on_curve(checkpoint: Checkpoint, pixels: np.ndarray) -> bool:
    """Whether the curve of a model's family says of an image what it is at each place."""
    family = curve_of(checkpoint)
    if family is None:
        return True
    return bool((family.members[0].latent["hashes"][clouds.track(family).rows] == hash_of(pixels)).any())


def posterior_following(checkpoint: Checkpoint, token: np.uint64, shown: Sequence[int]) -> Following | None:
    """The bars of a test image's posterior, of the classes ``shown``, if the model's curve has the image."""
    family = curve_of(checkpoint)
    if family is None:
        return None
    track = clouds.track(family)
    place = np.flatnonzero(family.members[0].latent["hashes"][track.rows] == token)
    if not len(place):
        return None
    shares = track.posterior[:, place[0], shown]
    return Following({"bars": {"x": shares}}, {"bars": {"text": None, "texttemplate": "%{x:.0%}"}})
