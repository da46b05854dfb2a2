"""What a hand has done as a file: the pictures that the page shows, and the program that makes them."""

from collections.abc import Sequence

import numpy as np

from app.images.pictures import Picture
from app.images.program_lines import checkpoint_line, image_lines, model_line, program
from app.latent_space import clouds
from app.models.names import name_of
from app.move_text import GAMMAS, Moves
from app.moves import rows
from app.widgets.export_menu import offer
from ibinn_core.checkpoint import Checkpoint, view


def offer_moves(
    checkpoint: Checkpoint, picture: Picture, moves: Moves, kind: str, other: Picture | None, chart: str
) -> None:
    """The menu that saves the pictures of the element with the key ``chart``, and shows the program."""
    if kind == GAMMAS and moves.target is not None:
        name, python = "several", program_of_rows(rows.models_for(checkpoint), picture, moves.target)
    else:
        name, python = "moved", program_of(checkpoint, picture, moves, other)
    offer(f"{name}-{checkpoint.id}", python=python, chart=chart, moving="move")


def rotation_of(checkpoint: Checkpoint) -> np.ndarray:
    """What turns coordinates in the view of the means onto the plane of Latent space, ``(K - 1, 2)``."""
    dims = len(view(checkpoint.latent, "means").directions)
    corners = clouds.turned(checkpoint, "means", np.concatenate([np.zeros((1, dims)), np.eye(dims)]))
    return (corners[1:] - corners[0]).astype(np.float64)


def program_of(checkpoint: Checkpoint, picture: Picture, moves: Moves, other: Picture | None = None) -> str:
    """The program that makes the image that the hand has made."""
    lines = [
        model_line(checkpoint),
        checkpoint_line(checkpoint),
        *image_lines("image", picture, checkpoint.dataset),
        "z = model.encode(ib.dequantize(ib.to_unit(image[None]), model.noise))",
        "moved = z.clone()",
    ]
    if moves.target is not None:
        lines += [
            "centres = model.empirical_class_means",
            "source = model.mixture.scores(z).argmax(1)  # the class that the image is taken for",
            f"moved += {moves.alpha:g} * (centres[{moves.target}] - centres[source])  "
            f"# towards {checkpoint.classes[moves.target]}",
            f"print(ib.exploration.counterfactual(model, z, {moves.target}).alpha)  # its flip by this move alone",
        ]
    if any(moves.shift):
        rotation = rotation_of(checkpoint).round(6).tolist()
        lines += [
            "from ibinn_core.checkpoint import view",
            f"turn = np.array({rotation})  # of the means' view onto the plane that is shown",
            'axes = turn.T @ np.asarray(view(checkpoint.latent, "means").directions, np.float64)',
            f"moved += z.new_tensor(np.array([{moves.shift[0]:g}, {moves.shift[1]:g}]) @ axes)",
        ]
    if moves.styles:
        lines.append("styles = dict(zip(checkpoint.style.names, checkpoint.style.directions))")
        for name, steps in moves.styles.items():
            stored = name.split(":")[0].replace(" ", "_") if not name.startswith("principal") else name.split(":")[0]
            lines.append(f'moved += {steps:g} * z.new_tensor(styles["{stored}"])')
    if other is not None and any(moves.graft):
        of_class, of_rest = moves.graft
        lines += [
            *image_lines("second", other, checkpoint.dataset),
            "other = model.encode(ib.dequantize(ib.to_unit(second[None]), model.noise))",
            "hybrid = ib.exploration.transplant(z, other, model.class_means)  # z with the class part of the other",
            f"moved += {of_class:g} * (hybrid - z) + {of_rest:g} * (other - hybrid)",
        ]
    return program(
        *lines,
        "picture = ib.to_uint8(model.decode(moved))[0]",
        "print(model.mixture.log_posterior(moved).exp())  # of the latent",
        "print(model.posterior(ib.dequantize(ib.to_unit(picture[None]), model.noise)))  # of the picture",
    )


def program_of_rows(models: Sequence[Checkpoint], picture: Picture, target: int) -> str:
    """The program that goes the way to a class under each of several models of a family."""
    dataset = models[0].dataset
    loaded = {name_of(one): model_line(one, "").removeprefix(" = ") for one in models}
    return program(
        *image_lines("image", picture, dataset),
        "models = {",
        *(f'    "{name}": {one},' for name, one in loaded.items()),
        "}",
        "strips = []",
        "for name, model in models.items():",
        "    z = model.encode(ib.dequantize(ib.to_unit(image[None]), model.noise))",
        f"    found = ib.exploration.counterfactual(model, z, {target})  # towards {models[0].classes[target]}",
        "    flip = float(found.alpha[0])",
        "    print(name, flip, float(found.until[0]))  # on top from here to there",
        "    step = flip if 0 < flip < np.inf else 1.0",
        "    way = torch.cat([z + float(share) * step * found.direction for share in np.linspace(0, 2, 9)])",
        "    strips.append(np.concatenate(list(ib.to_uint8(model.decode(way))), axis=1))",
        "rows = np.concatenate(strips)  # uint8 (rows * H, 9 * W, C)",
        imports=["torch"],
    )
