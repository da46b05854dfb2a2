"""What a browser needs of a model and an image to move the image's latent, and the same move made by the server."""

import base64
from typing import Any, NamedTuple

import numpy as np

from app.latent_space import clouds
from app.models import asking
from app.models.decoding import decoded
from app.models.predictions import bits_per_dim, predict_with_likelihood
from app.move_text import DRAWS, Around, Moves
from ibinn_core.checkpoint import Checkpoint, CheckpointError
from ibinn_core.checkpoint.latent_format import view
from ibinn_core.exploration import around, transplant
from ibinn_core.exploration.around import noise_of
from ibinn_core.exploration.counterfactual import on_top

QUANTILES = 101


class Plane(NamedTuple):
    """The plane of the class means that all models of a data set share, as Latent space shows it.

    Attributes:
        origin: the latent at ``middle``, ``(D,)``.
        axes: orthonormal directions, ``(2, D)``.
        middle: ``(2,)``.
    """

    origin: np.ndarray
    axes: np.ndarray
    middle: np.ndarray

    def place(self, z: np.ndarray) -> np.ndarray:
        """Where latents ``(N, D)`` lie, ``(N, 2)``."""
        return (z - self.origin) @ self.axes.T + self.middle


class Start(NamedTuple):
    """An image under a model, before a hand has moved it.

    Attributes:
        latents: ``(D,)``.
        scores: s_k of the latent, ``(K,)``.
        top: the class that it is taken for.
        posterior: ``(K,)``.
        bits: bits/dim.
    """

    latents: np.ndarray
    scores: np.ndarray
    top: int
    posterior: np.ndarray
    bits: float


@asking.kept
def plane_of(checkpoint_id: str) -> Plane:
    """The plane of a model."""
    from app.models import registry

    checkpoint = registry.by_id(checkpoint_id)
    basis = view(checkpoint.latent, "means")
    origin, directions = np.asarray(basis.origin, np.float64), np.asarray(basis.directions, np.float64)
    dims = len(directions)
    middle = clouds.turned(checkpoint, "means", np.zeros((1, dims)))[0]
    return Plane(origin, rotation_of(checkpoint).T @ directions, middle.astype(np.float64))


def rotation_of(checkpoint: Checkpoint) -> np.ndarray:
    """What turns coordinates in the view of the means onto the plane, ``(K - 1, 2)``."""
    dims = len(view(checkpoint.latent, "means").directions)
    corners = clouds.turned(checkpoint, "means", np.concatenate([np.zeros((1, dims)), np.eye(dims)]))
    return (corners[1:] - corners[0]).astype(np.float64)


def centres_of(checkpoint: Checkpoint) -> np.ndarray:
    """The centre of each class's training images in latent space, ``(K, D)``; its mean for a class without images."""
    means = checkpoint.latent["class_means"]
    centres = checkpoint.latent.get("empirical_means", means)
    return np.where(np.isfinite(centres), centres, means).astype(np.float64)


def start_of(checkpoint: Checkpoint, pixels: np.ndarray) -> Start:
    """An image, uint8 ``(H, W, C)``, under a model with a likelihood."""
    seen = predict_with_likelihood(checkpoint.id, pixels[None])
    latents = seen.latents[0]
    scores = scores_of(checkpoint, latents)
    return Start(latents, scores, int(scores.argmax()), seen.posterior[0], float(seen.bits[0]))


def scores_of(checkpoint: Checkpoint, z: np.ndarray) -> np.ndarray:
    """s_k(z) of a latent ``(D,)``, ``(K,)``: z·μ_k - ‖μ_k‖²/2 + w_k."""
    means = checkpoint.latent["class_means"].astype(np.float64)
    weights = checkpoint.latent.get("log_weights", np.full(len(means), -np.log(len(means))))
    return means @ z.astype(np.float64) - np.square(means).sum(1) / 2 + weights


def small(
    checkpoint: Checkpoint, start: Start, other: Start | None = None, own: np.ndarray | None = None, seed: int = 0
) -> dict[str, Any]:
    """What the pad needs before any model is in the browser: ``Small`` of ``app/static/hands/space.js``."""
    plane, centres = plane_of(checkpoint.id), centres_of(checkpoint)
    means = checkpoint.latent["class_means"].astype(np.float64)
    noise = noise_of(DRAWS, len(start.latents), seed)
    offset = start.latents.astype(np.float64) - means[start.top]
    return {
        "places": plane.place(means).tolist(),
        "star": plane.place(start.latents[None])[0].tolist(),
        "scores": start.scores.tolist(),
        "slopes": (plane.axes @ means.T).tolist(),
        "pulls": (centres @ means.T).tolist(),
        "centres": plane.place(centres).tolist(),
        "other": other
        and {
            "star": plane.place(other.latents[None])[0].tolist(),
            "scores": scores_of(checkpoint, other.latents).tolist(),
        },
        "own": None if own is None else {"slopes": (means @ own).tolist(), "step": (plane.axes @ own).tolist()},
        "around": {
            "seed": seed,
            "noise": [{"slopes": (means @ one).tolist(), "step": (plane.axes @ one).tolist()} for one in noise],
            "offset": {"slopes": (means @ offset).tolist(), "step": (plane.axes @ offset).tolist()},
        },
    }


def latent_after(
    checkpoint: Checkpoint,
    start: Start,
    moves: Moves,
    styles: dict[str, np.ndarray],
    other: Start | None = None,
) -> np.ndarray:
    """The latent after the moves, ``(D,)`` float32; without ``other`` no part of another image."""
    z = start.latents.astype(np.float64)
    if moves.target is not None:
        centres = centres_of(checkpoint)
        z = z + moves.alpha * (centres[moves.target] - centres[start.top])
    z = z + np.asarray(moves.shift) @ plane_of(checkpoint.id).axes
    for name, steps in moves.styles.items():
        z = z + steps * styles[name].astype(np.float64)
    if other is not None and any(moves.graft):
        first, second = start.latents[None].astype(np.float64), other.latents[None].astype(np.float64)
        hybrid = transplant(first, second, checkpoint.latent["class_means"])
        z = z + moves.graft[0] * (hybrid - first)[0] + moves.graft[1] * (second - hybrid)[0]
    if moves.around.radius:
        z = z + around_of(checkpoint, start, moves.around)[moves.around.draw] - start.latents
    return z.astype(np.float32)


def around_of(checkpoint: Checkpoint, start: Start, where: Around) -> np.ndarray:
    """All draws around an image's latent, ``(DRAWS, D)``; the centre is μ of the class that it is taken for."""
    center = checkpoint.latent["class_means"][start.top].astype(np.float64)
    return around(start.latents.astype(np.float64), where.radius, DRAWS, where.seed, where.path, center)


def moved(
    checkpoint: Checkpoint,
    start: Start,
    moves: Moves,
    styles: dict[str, np.ndarray],
    other: Start | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The latent after the moves, ``(D,)``, and its image, uint8 ``(H, W, C)``, computed by the server."""
    z = latent_after(checkpoint, start, moves, styles, other)
    return z, decoded(checkpoint.id, z[None])[0]


def corners_of(checkpoint: Checkpoint, start: Start, other: Start) -> np.ndarray:
    """An image, with everything but the class of another, with its class, and the other: uint8 ``(4, H, W, C)``."""
    grafts = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]  # CORNERS of app/static/hands/corners.js
    every = [latent_after(checkpoint, start, Moves(graft=graft), {}, other) for graft in grafts]
    return decoded(checkpoint.id, np.stack(every))


def quantiles_of(checkpoint: Checkpoint) -> list[float]:
    """Bits/dim of images that the model was not trained on, evenly from the least to the most."""
    reference = bits_per_dim(checkpoint, checkpoint.latent["reference"])
    return np.quantile(reference, np.linspace(0, 1, QUANTILES)).round(4).tolist()


def styles_of(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """The stored style directions of a model, one deviation long, ``(D,)`` each, by name; none for an older one."""
    try:
        styles = checkpoint.style
    except CheckpointError:
        return {}
    told = zip(styles.names, styles.explanations, styles.directions, strict=True)
    names = ((name if why in (None, name) else f"{name}: {why}", one) for name, why, one in told)
    return {name.replace("_", " "): one for name, one in names}


def unit(pixels: np.ndarray) -> np.ndarray:
    """8-bit pixels ``(H, W, C)`` over [0, 1], at the middles of their levels, ``(C, H, W)``."""
    return ((pixels.transpose(2, 0, 1).astype(np.float32) + 0.5) / 256).astype(np.float32)


def base64_of(values: np.ndarray) -> str:
    """Numbers as the browser reads them: base64 of float32."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


class OnTop(NamedTuple):
    """From where to where on the way to a class nothing is ahead of it.

    Attributes:
        alpha: α*; infinite where that is nowhere.
        until: where another class overtakes it again; infinite if none does, NaN where it is nowhere on top.
    """

    alpha: float
    until: float


def on_top_of(
    checkpoint: Checkpoint,
    start: Start,
    target: int,
    moves: Moves | None = None,
    styles: dict[str, np.ndarray] | None = None,
    other: Start | None = None,
) -> OnTop:
    """Where a class is on top on the way from an image to it; from where other moves lead, if given.

    The way leads from the centre of the class that the image was taken for, also where other moves have changed that;
    without these it is the one of :func:`ibinn_core.exploration.counterfactual`.
    """
    z = start.latents
    if moves is not None:
        z = latent_after(checkpoint, start, moves._replace(alpha=0.0), styles or {}, other)
    centres = centres_of(checkpoint)
    means = checkpoint.latent["class_means"].astype(np.float64)
    gains = means @ (centres[target] - centres[start.top])
    alpha, until = on_top(scores_of(checkpoint, z)[None], gains[None], np.array([target]))
    return OnTop(float(alpha[0]), float(until[0]))
