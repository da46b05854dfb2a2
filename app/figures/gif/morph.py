"""The morphing cloud as frames of an animation, drawn without a browser.

The process for long work imports this, and no Streamlit with it.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from app.figures.classes import colors_of, drawn_classes
from app.figures.gif.plane import draw_plane, font, gif_bytes, plain
from app.figures.morph import TWEENS, groups_of
from app.palette import TEXT

SIDE, MARGIN, LINE = 480, 12, 30  # in pixels: of the square plane, around it, and of a line of text
LEGEND = 130  # width of the column with the names of the classes
HOLD = 4  # frames that each model stands still


def morph_gif(
    clouds: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    captions: Sequence[str],
    is_lassoed: np.ndarray | None,
    classes: Sequence[str],
    milliseconds: int,
) -> bytes:
    """The frames of :func:`morph_frames` as a GIF."""
    return gif_bytes(morph_frames(clouds, labels, means, captions, is_lassoed, classes), milliseconds)


def morph_frames(
    clouds: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    captions: Sequence[str],
    is_lassoed: np.ndarray | None,
    classes: Sequence[str],
) -> np.ndarray:
    """The cloud of one model that turns into the next one's, uint8 ``(T, H, W, 3)``.

    The arguments are those of :func:`app.figures.morph.morph_figure`.
    """
    colors, sizes = np.empty(len(labels), object), np.empty(len(labels))
    count = len(classes)
    shown = drawn_classes(labels, count)
    mean_colors = [colors_of(count, shown)[k] for k in shown]
    means = means[:, shown]
    for group in groups_of(labels, is_lassoed, classes=classes):
        colors[group.members], sizes[group.members] = group.color, group.size
    order = np.argsort(sizes, kind="stable")  # what is drawn last lies on top
    clouds, colors, sizes = clouds[:, order], colors[order], sizes[order]
    ends = np.concatenate([*np.quantile(clouds, [0.002, 0.998], axis=1), *means])
    low, high = ends.min(0), ends.max(0)
    scale = (SIDE - 2 * MARGIN) / (high - low).max()

    def place(points: np.ndarray) -> np.ndarray:
        return (points - (low + high) / 2) * scale * (1, -1) + (SIDE / 2, LINE + SIDE / 2)

    ground = _legend([classes[k] for k in shown], mean_colors)
    frames = []
    for index, caption in enumerate(captions):
        still = _frame(ground, place(clouds[index]), (colors, sizes), place(means[index]), mean_colors, caption)
        frames += [still] * HOLD
        for part in np.arange(1, TWEENS) / TWEENS if index + 1 < len(captions) else ():
            cloud, mean = (a[index] + part * (a[index + 1] - a[index]) for a in (clouds, means))
            frames.append(_frame(ground, place(cloud), (colors, sizes), place(mean), mean_colors, caption))
    return np.stack(frames)


def _legend(names: Sequence[str], colors: Sequence[str]) -> Image.Image:
    """A frame with nothing but the names of the classes, each beside its colour."""
    image = Image.new("RGB", (SIDE + LEGEND, SIDE + LINE), "white")
    pen = ImageDraw.Draw(image)
    for row, (name, color) in enumerate(zip(names, colors, strict=True)):
        x, y = SIDE + MARGIN, LINE + MARGIN + (row + 0.5) * min(LINE, (SIDE - 2 * MARGIN) / len(names))
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), color)
        pen.text((x + MARGIN, y), plain(name), TEXT, font(), "lm")
    return image


def _frame(
    ground: Image.Image,
    cloud: np.ndarray,
    looks: tuple[np.ndarray, np.ndarray],
    means: np.ndarray,
    mean_colors: Sequence[str],
    caption: str,
) -> np.ndarray:
    """A frame on the ``ground`` with the legend; ``looks`` are colours and sizes of the dots."""
    colors, sizes = looks
    image = ground.copy()
    pen = ImageDraw.Draw(image, "RGBA")
    draw_plane(pen, cloud, colors.tolist(), means, "a0", sizes.tolist(), mean_colors=mean_colors)
    pen.rectangle((0, 0, SIDE, LINE), "white")
    pen.text((MARGIN, LINE / 2), plain(caption), TEXT, font(), "lm")
    return np.asarray(image)
