"""``style``: finds the directions in latent space in which no posterior changes, and what does along them."""

import argparse
from typing import TYPE_CHECKING

from .arguments import Commands

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint


def add(commands: Commands) -> None:
    style = commands.add_parser(
        "style", help="find the directions of style of checkpoints from training images; write their style.npz"
    )
    style.add_argument("checkpoint", nargs="*", help="ids or folders; all with a likelihood if none is given")
    style.add_argument("--data", help="folder of the images that a model was trained on, if it is found by no name")
    style.set_defaults(command=run)


def run(options: argparse.Namespace) -> None:
    from .. import checkpoint as registry

    chosen = [registry.find(name) for name in options.checkpoint]
    for checkpoint in chosen:
        if not checkpoint.has_likelihood:
            raise ValueError(f"{checkpoint.id} has no mixture in latent space, and so no directions of style")
    chosen = chosen or [checkpoint for checkpoint in registry.checkpoints() if checkpoint.has_likelihood]
    if not chosen:
        raise ValueError(f"there is no checkpoint with a likelihood in {' or '.join(map(str, registry.folders()))}")
    for checkpoint in chosen:
        print(f"{checkpoint.id}: {_write(checkpoint, options.data)}", flush=True)


def _write(checkpoint: "Checkpoint", asked: str | None) -> str:
    """Writes the file of one checkpoint; returns what is in it, in a line."""
    import numpy as np

    from .. import checkpoint as registry
    from ..checkpoint.style_format import styles_of
    from ..data.held_out import some_of, split_held_out
    from ..evaluation import encode_images
    from ..evaluation.measure import known
    from ..evaluation.styles import FITTED, MEASURED, Encoded, style_arrays
    from .images import images_for

    _, images, labels, _ = images_for(checkpoint, asked, "styles are", "train")
    used, held_out = split_held_out(len(images), checkpoint.config["training"]["held_out"])
    if not len(held_out):
        raise ValueError(f"{checkpoint.id} held out no training images, on which its styles would be measured")
    model = registry.load(checkpoint)
    parts = (
        Encoded(images[rows], labels[rows], known(encode_images(model, images[rows]).latents, "latents"))
        for rows in (some_of(used, FITTED), some_of(held_out, MEASURED))
    )
    arrays = style_arrays(model, *parts)  # pyright: ignore[reportArgumentType]  # it has a likelihood
    registry.write_style(checkpoint.path, arrays)
    styles = styles_of(arrays)
    lengths = np.linalg.norm(styles.directions, axis=1)
    lines = []
    for row, (name, explained) in enumerate(zip(styles.names, styles.explanations, strict=True)):
        because = f" ({explained})" if explained not in (None, name) else ""
        strengths = np.abs(styles.correlations[row])
        strength = strengths[row] if row < len(strengths) else strengths.max(initial=0)
        lines.append(f"{name}{because} r = {strength:.2f}, length {lengths[row]:.1f}")
    return "; ".join(lines)
