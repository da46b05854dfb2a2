"""An image that is corrupted step by step, as frames of an animation that needs no browser.

The process for long work imports this, and no Streamlit with it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from app.figures.bits_scale import HUGE, scale_for
from app.figures.classes import colors_of, shown_classes, with_number
from app.figures.gif.plane import draw_plane, font, gif_bytes, plain
from app.figures.layout import as_rgb
from app.figures.path_view import Departure, PathView, Plane, limits
from app.palette import HALO, INK, NEUTRAL, PALE, PALE_BAND, TEXT

PANEL = 320  # the image and the view of the path are squares of this size
MARGIN, LINE = 12, 24
WIDTH, HEIGHT = 2 * PANEL + 3 * MARGIN, PANEL + 3 * MARGIN + 3 * LINE


class Scene(NamedTuple):
    """What is drawn of an image that is corrupted in T steps, as a model sees it."""

    view: PathView  # the path among test images
    images: np.ndarray  # uint8 (T, side, side, C)
    labels: Sequence[str]  # the strengths for people, T of them
    name: str  # of the model
    posterior: np.ndarray  # q(y | x), (T, K)
    offset: np.ndarray  # bits/dim from the middle of the typical band, in halves of its width, (T,)
    bits: np.ndarray  # bits/dim, (T,)
    classes: Sequence[str]  # names of the K classes


def corruption_gif(scene: Scene, milliseconds: int) -> bytes:
    """The frames of a scene as a GIF."""
    return gif_bytes(corruption_frames(scene), milliseconds)


def corruption_frames(scene: Scene) -> np.ndarray:
    """The image, its path so far, and a bar of how untypical it is: uint8 ``(T, H, W, 3)``."""
    name, classes, posterior = plain(scene.name), scene.classes, scene.posterior
    colors = colors_of(len(classes), shown_classes(posterior.max(0)))
    if isinstance(scene.view, Plane):
        ground, path = _plane(scene.view, colors)
    else:
        ground, path = _departure(scene.view, colors, classes)
    offset = scale_for(scene.offset).place(scene.offset)
    reach = max(1.5, float(np.abs(offset).max()))
    frames = []
    for step, pixels in enumerate(scene.images):
        frame = Image.new("RGB", (WIDTH, HEIGHT), "white")
        _paste_enlarged(frame, as_rgb(pixels))
        panel = ground.copy()
        _draw_path(ImageDraw.Draw(panel), path[: step + 1])
        frame.paste(panel, (PANEL + 2 * MARGIN, MARGIN))
        pen = ImageDraw.Draw(frame)
        answer = int(posterior[step].argmax())
        said = with_number(classes[answer], f"{posterior[step, answer]:.0%}")
        words = f"{name}   at {scene.labels[step]}:   {said}"
        pen.text((MARGIN, PANEL + 2 * MARGIN), words, TEXT, font())
        _draw_bar(pen, float(offset[step]), float(scene.bits[step]), reach)
        frames.append(np.asarray(frame))
    return np.stack(frames)


def _paste_enlarged(frame: Image.Image, pixels: np.ndarray) -> None:
    """The image, enlarged by a whole number, in the middle of its panel."""
    height, width = pixels.shape[:2]
    times = PANEL // max(height, width)
    large = Image.fromarray(pixels).resize((width * times, height * times), Image.Resampling.NEAREST)
    frame.paste(large, (MARGIN + (PANEL - large.width) // 2, MARGIN + (PANEL - large.height) // 2))


def _plane(plane: Plane, colors: Sequence[str]) -> tuple[Image.Image, np.ndarray]:
    """The test latents as dots on white, and where the path runs among them in pixels, ``(T, 2)``."""
    low, high = limits(plane)
    scale, center = PANEL / (high - low).max(), (low + high) / 2

    def place(points: np.ndarray) -> np.ndarray:
        return PANEL / 2 + (points - center) * scale * (1, -1)

    image = Image.new("RGB", (PANEL, PANEL), "white")
    pen = ImageDraw.Draw(image, "RGBA")
    draw_plane(
        pen, place(plane.cloud), [colors[int(k)] for k in plane.labels], place(plane.means), "80", mean_colors=colors
    )
    pen.rectangle((0, 0, PANEL - 1, PANEL - 1), outline=PALE)
    return image, place(plane.path)


def _departure(view: Departure, colors: Sequence[str], classes: Sequence[str]) -> tuple[Image.Image, np.ndarray]:
    """The same on the axes of the departure: bits/dim upwards with the typical band, odds of two classes across."""
    low, high = limits(view)

    def place(points: np.ndarray) -> np.ndarray:
        share = (points - low) / (high - low)
        return np.stack([share[:, 0], 1 - share[:, 1]], 1) * PANEL

    image = Image.new("RGB", (PANEL, PANEL), "white")
    pen = ImageDraw.Draw(image, "RGBA")
    (even, bottom), (_, top) = place(np.array([[0, view.band[0]], [0, view.band[1]]])).tolist()
    pen.rectangle((0, top, PANEL, bottom), PALE_BAND)
    pen.line((even, 0, even, PANEL), NEUTRAL)
    dots = [colors[int(k)] if k in view.pair else NEUTRAL for k in view.labels]
    draw_plane(pen, place(view.cloud), dots, np.zeros((0, 2)), "80", mean_colors=colors)
    first, second = (plain(classes[k]) for k in view.pair)
    pen.text((6, 4), "^ bits/dim", TEXT, font())
    pen.text((PANEL - 6, top - 2), "too unlikely", TEXT, font(), "rb")
    pen.text((PANEL - 6, top + 2), "typical", TEXT, font(), "rt")
    pen.text((6, PANEL - 4), f"< {first}", TEXT, font(), "lb")
    pen.text((PANEL - 6, PANEL - 4), f"{second} >", TEXT, font(), "rb")
    pen.rectangle((0, 0, PANEL - 1, PANEL - 1), outline=PALE)
    return image, place(view.path)


def _draw_path(pen: ImageDraw.ImageDraw, path: np.ndarray) -> None:
    if len(path) > 1:
        line = [tuple(point) for point in path]
        pen.line(line, HALO, 7, "curve")
        pen.line(line, INK, 3, "curve")
    x, y = path[-1]
    pen.ellipse((x - 9, y - 9, x + 9, y + 9), INK, HALO, 3)


def _draw_bar(pen: ImageDraw.ImageDraw, offset: float, bits: float, reach: float) -> None:
    """A scale of bits/dim with the typical band in its middle, and the image's place on it."""
    top, bottom = PANEL + 2 * MARGIN + LINE + 8, PANEL + 2 * MARGIN + 2 * LINE + 2
    middle, half = WIDTH / 2, (WIDTH / 2 - MARGIN) / reach
    pen.rectangle((MARGIN, top, WIDTH - MARGIN, bottom), PALE)
    pen.rectangle((middle - half, top, middle + half, bottom), PALE_BAND)
    x = float(np.clip(middle + offset * half, MARGIN + 4, WIDTH - MARGIN - 4))
    pen.rectangle((x - 4, top - 4, x + 4, bottom + 4), INK)
    verdict = "typical" if abs(offset) <= 1 else "too unlikely" if offset > 0 else "too likely"
    pen.text((MARGIN, bottom + 6), "too likely", TEXT, font())
    number = f"{bits:.2f}" if abs(bits) < HUGE else f"{bits:.1e}"  # this font has no raised digits
    pen.text((middle, bottom + 6), f"{number} bits/dim: {verdict}", TEXT, font(), "ma")
    pen.text((WIDTH - MARGIN, bottom + 6), "too unlikely", TEXT, font(), "ra")
