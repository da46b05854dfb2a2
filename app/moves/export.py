"""What a hand has done as files: the images on the way, their latents, and the program that makes them."""

from collections.abc import Sequence

import numpy as np

from app.figures.gif.plane import gif_bytes
from app.figures.layout import as_rgb
from app.images.pictures import Picture
from app.images.program_lines import checkpoint_line, image_lines, model_line, program
from app.models.decoding import decoded
from app.models.names import name_of
from app.move_text import AROUND, CLASS, DRAWS, GAMMAS, NO_SETS, OWN, OWN_CLASS, Around, Moves, Sets
from app.moves import latents as parts
from app.moves import own, rows
from app.moves.around import rows_around
from app.widgets.export_menu import ENLARGED, npz_bytes, offer
from ibinn_core.checkpoint import Checkpoint

SHARES = rows.SHARES  # of α*, or of the moves themselves
PAUSE = 250  # ms of a frame


def offer_moves(
    checkpoint: Checkpoint,
    picture: Picture,
    moves: Moves,
    kind: str = CLASS,
    other: Picture | None = None,
    sets: Sets = NO_SETS,
) -> None:
    """The menu that saves the image's way, or its ways under several γ, and shows the program."""
    if kind == GAMMAS and moves.target is not None:
        _offer_rows(checkpoint, picture, moves.target)
        return
    if kind == AROUND and moves.around.radius:
        _offer_around(checkpoint, picture, moves.around)
        return

    def images() -> np.ndarray:
        return decoded(checkpoint.id, way_of(checkpoint, picture.pixels, moves, other, sets)[0])

    def npz() -> bytes:
        z, alpha = way_of(checkpoint, picture.pixels, moves, other, sets)
        return npz_bytes(latents=z, alpha=alpha, images=images(), classes=np.array(checkpoint.classes))

    offer(
        f"moved-{checkpoint.id}",
        python=program_of(checkpoint, picture, moves, other, sets),
        pictures=lambda: np.concatenate(list(as_rgb(images())), axis=1),
        gif=lambda: _gif(images()),
        npz=npz,
    )


def _offer_rows(checkpoint: Checkpoint, picture: Picture, target: int) -> None:
    models = rows.models_for(checkpoint)

    def found() -> list[rows.Row]:
        return rows.rows_of(models, picture.pixels, target)

    def frames() -> np.ndarray:
        return np.concatenate([row.images for row in found()], axis=1)

    def npz() -> bytes:
        every = found()
        return npz_bytes(
            gamma=np.array([np.nan if row.checkpoint.gamma is None else row.checkpoint.gamma for row in every]),
            flip=np.array([row.on_top.alpha for row in every]),
            until=np.array([row.on_top.until for row in every]),
            alpha=np.stack([row.alpha for row in every]),
            latents=np.stack([row.latents for row in every]),
            images=np.stack([row.images for row in every]),
            classes=np.array(checkpoint.classes),
        )

    offer(
        f"several-{checkpoint.id}",
        python=program_of_rows(models, picture, target),
        pictures=lambda: np.concatenate(list(as_rgb(frames())), axis=1),
        gif=lambda: _gif(frames()),
        npz=npz,
    )


def _offer_around(checkpoint: Checkpoint, picture: Picture, where: Around) -> None:
    def grid(radius: float) -> np.ndarray:
        found = rows_around(checkpoint, picture.pixels, where._replace(radius=radius))
        return np.concatenate([np.concatenate(list(row.images), axis=1) for row in found])

    def npz() -> bytes:
        found = rows_around(checkpoint, picture.pixels, where)
        return npz_bytes(
            radius=np.array(where.radius),
            seed=np.array(where.seed),
            paths=np.array([row.path for row in found]),
            latents=np.stack([row.latents for row in found]),
            images=np.stack([row.images for row in found]),
        )

    offer(
        f"around-{checkpoint.id}",
        python=program_of_around(checkpoint, picture, where),
        pictures=lambda: as_rgb(grid(where.radius)),
        gif=lambda: _gif(np.stack([grid(share * where.radius) for share in SHARES[:5]])),
        npz=npz,
    )


def _gif(images: np.ndarray) -> bytes:
    """There and back, enlarged."""
    large = as_rgb(images).repeat(2 * ENLARGED, axis=1).repeat(2 * ENLARGED, axis=2)
    return gif_bytes(np.concatenate([large, large[-2:0:-1]]), PAUSE)


def way_of(
    checkpoint: Checkpoint, pixels: np.ndarray, moves: Moves, other: Picture | None = None, sets: Sets = NO_SETS
) -> tuple[np.ndarray, np.ndarray]:
    """The latents on the way, ``(9, D)``, and the α of each, ``(9,)``.

    To another class from nothing to twice α* (to twice the centres' distance where nothing flips), with all other moves
    in place. Without one, everything moves from nothing to twice what the hand has done, and α says how much.
    """
    start, styles = parts.start_of(checkpoint, pixels), own.all_styles(checkpoint, sets)
    second = None if other is None else parts.start_of(checkpoint, other.pixels)
    if moves.target is None:
        every = [
            moves._replace(
                shift=(share * moves.shift[0], share * moves.shift[1]),
                styles={name: share * steps for name, steps in moves.styles.items()},
                graft=(share * moves.graft[0], share * moves.graft[1]),
                around=moves.around._replace(radius=share * moves.around.radius),
            )
            for share in SHARES
        ]
        return np.stack([parts.latent_after(checkpoint, start, one, styles, second) for one in every]), SHARES
    flip = parts.on_top_of(checkpoint, start, moves.target, moves, styles, second).alpha
    alpha = SHARES * (flip if 0 < flip < np.inf else 1.0)
    every = [moves._replace(alpha=float(a)) for a in alpha]
    return np.stack([parts.latent_after(checkpoint, start, one, styles, second) for one in every]), alpha


def program_of(
    checkpoint: Checkpoint, picture: Picture, moves: Moves, other: Picture | None = None, sets: Sets = NO_SETS
) -> str:
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
        rotation = parts.rotation_of(checkpoint).round(6).tolist()
        lines += [
            "from ibinn_core.checkpoint.latent_format import view",
            f"turn = np.array({rotation})  # of the means' view onto the plane that is shown",
            'axes = turn.T @ np.asarray(view(checkpoint.latent, "means").directions, np.float64)',
            f"moved += z.new_tensor(np.array([{moves.shift[0]:g}, {moves.shift[1]:g}]) @ axes)",
        ]
    stored_styles = {name: steps for name, steps in moves.styles.items() if name not in (OWN, OWN_CLASS)}
    if stored_styles:
        lines.append("styles = dict(zip(checkpoint.style.names, checkpoint.style.directions))")
        for name, steps in stored_styles.items():
            stored = name.split(":")[0].replace(" ", "_") if not name.startswith("principal") else name.split(":")[0]
            lines.append(f'moved += {steps:g} * z.new_tensor(styles["{stored}"])')
    if len(stored_styles) < len(moves.styles):
        lines += own.program_lines(sets, checkpoint)
        lines += [
            f"moved += {moves.styles[name]:g} * {variable}"
            for name, variable in ((OWN, "own"), (OWN_CLASS, "in_span"))
            if name in moves.styles
        ]
    if other is not None and any(moves.graft):
        of_class, of_rest = moves.graft
        lines += [
            *image_lines("second", other, checkpoint.dataset),
            "other = model.encode(ib.dequantize(ib.to_unit(second[None]), model.noise))",
            "hybrid = ib.exploration.transplant(z, other, model.class_means)  # z with the class part of the other",
            f"moved += {of_class:g} * (hybrid - z) + {of_rest:g} * (other - hybrid)",
        ]
    if moves.around.radius:
        radius, path, draw, seed = moves.around
        lines += [
            "mean = model.class_means[model.mixture.log_posterior(z)[0].argmax()]",
            f'near = ib.exploration.around(z[0], {radius:g}, {DRAWS}, seed={seed}, path="{path}", center=mean)[{draw}]',
            "moved += near - z",
        ]
    return program(
        *lines,
        "picture = ib.to_uint8(model.decode(moved))[0]",
        "print(model.mixture.log_posterior(moved).exp())  # of the latent",
        "print(model.posterior(ib.dequantize(ib.to_unit(picture[None]), model.noise)))  # of the picture",
    )


def program_of_around(checkpoint: Checkpoint, picture: Picture, where: Around) -> str:
    """The program that draws around an image's latent on all paths."""
    return program(
        model_line(checkpoint),
        checkpoint_line(checkpoint),
        *image_lines("image", picture, checkpoint.dataset),
        "z = model.encode(ib.dequantize(ib.to_unit(image[None]), model.noise))[0]",
        "mean = model.class_means[model.mixture.log_posterior(z[None])[0].argmax()]",
        "reference = checkpoint.latent['reference']  # log q(x) of held-out images",
        "rows = []",
        'for path in ("straight", "shell", "average"):',
        f"    near = ib.exploration.around(z, {where.radius:g}, {DRAWS}, seed={where.seed}, path=path, center=mean)",
        "    pictures = ib.to_uint8(model.decode(near), missing=0.5)",
        "    length = (near - mean).norm(dim=1).mean() / len(z) ** 0.5  # that of typical latents is 1",
        "    log_prob = model.log_prob(ib.dequantize(ib.to_unit(pictures), model.noise)).numpy()",
        "    far = ib.exploration.typicality(log_prob, reference)",
        "    is_typical = far <= ib.exploration.typicality_threshold(reference)",
        '    print(path, f"{length:.2f}", log_prob.round(), is_typical)',
        "    rows.append(np.concatenate(list(pictures), axis=1))",
        "grid = np.concatenate(rows)  # uint8 (3 * H, 6 * W, C)",
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
