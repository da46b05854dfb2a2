"""The morphing cloud as frames of an animation, drawn without a browser.

The process for long work imports this, and no Streamlit with it.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from app.figures.classes import colors_of, drawn_classes
from app.figures.gif.plane import DIAMOND, draw_plane, font, gif_bytes, plain
from app.figures.morph import TWEENS, groups_of
from app.palette import TEXT

SIDE, MARGIN, LINE = 480, 12, 30  # in pixels: of the square plane, around it, and of a line of text
LEGEND = 130  # width of the column with the names of the classes; more where one of them is longer
SMALL = 4  # pixels from the middle of a mean's mark to its corners, where there are many
HOLD = 4  # frames that each model stands still


def morph_gif(
    clouds: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    captions: Sequence[str],
    is_lassoed: np.ndarray | None,
    classes: Sequence[str],
    milliseconds: int,
    of_class: np.ndarray | None = None,
) -> bytes:
    """The frames of :func:`morph_frames` as a GIF."""
    return gif_bytes(morph_frames(clouds, labels, means, captions, is_lassoed, classes, of_class), milliseconds)


def morph_frames(
    clouds: np.ndarray,
    labels: np.ndarray,
    means: np.ndarray,
    captions: Sequence[str],
    is_lassoed: np.ndarray | None,
    classes: Sequence[str],
    of_class: np.ndarray | None = None,
) -> np.ndarray:
    """The cloud of one model that turns into the next one's, uint8 ``(T, H, W, 3)``.

    The arguments are those of :func:`app.figures.morph.morph_figure`; ``of_class`` has the superclass of each mean,
    ``(L,)``, where the ``classes`` are superclasses.
    """
    colors, sizes = np.empty(len(labels), object), np.empty(len(labels))
    count = len(classes)
    shown = drawn_classes(labels, count)
    legend_colors = [colors_of(count, shown)[k] for k in shown]
    color_of, owners = dict(zip(shown, legend_colors, strict=True)), np.arange(count) if of_class is None else of_class
    drawn = np.flatnonzero(np.isin(owners, shown))
    means, mean_colors = means[:, drawn], [color_of[k] for k in owners[drawn]]
    for group in groups_of(labels, is_lassoed, classes=classes):
        colors[group.members], sizes[group.members] = group.color, group.size
    order = np.argsort(sizes, kind="stable")  # what is drawn last lies on top
    clouds, colors, sizes = clouds[:, order], colors[order], sizes[order]
    ends = np.concatenate([*np.quantile(clouds, [0.002, 0.998], axis=1), *means])
    low, high = ends.min(0), ends.max(0)
    scale = (SIDE - 2 * MARGIN) / (high - low).max()

    def place(points: np.ndarray) -> np.ndarray:
        return (points - (low + high) / 2) * scale * (1, -1) + (SIDE / 2, LINE + SIDE / 2)

    ground = _legend([classes[k] for k in shown], legend_colors)
    marks = (mean_colors, DIAMOND if of_class is None else SMALL)
    frames = []
    for index, caption in enumerate(captions):
        still = _frame(ground, place(clouds[index]), (colors, sizes), place(means[index]), marks, caption)
        frames += [still] * HOLD
        for part in np.arange(1, TWEENS) / TWEENS if index + 1 < len(captions) else ():
            cloud, mean = (a[index] + part * (a[index + 1] - a[index]) for a in (clouds, means))
            frames.append(_frame(ground, place(cloud), (colors, sizes), place(mean), marks, caption))
    return np.stack(frames)


def _legend(names: Sequence[str], colors: Sequence[str]) -> Image.Image:
    """A frame with nothing but the names of the classes, each beside its colour."""
    longest = max((font().getlength(plain(name)) for name in names), default=0)
    image = Image.new("RGB", (SIDE + max(LEGEND, math.ceil(longest) + 3 * MARGIN), SIDE + LINE), "white")
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
    marks: tuple[Sequence[str], float],
    caption: str,
) -> np.ndarray:
    """A frame on the ``ground`` with the legend; ``looks`` are colours and sizes of dots, ``marks`` those of means."""
    (colors, sizes), (mean_colors, diamond) = looks, marks
    image = ground.copy()
    pen = ImageDraw.Draw(image, "RGBA")
    draw_plane(pen, cloud, colors.tolist(), means, "a0", sizes.tolist(), mean_colors=mean_colors, diamond=diamond)
    pen.rectangle((0, 0, SIDE, LINE), "white")
    pen.text((MARGIN, LINE / 2), plain(caption), TEXT, font(), "lm")
    return np.asarray(image)
