"""An image that is corrupted step by step, as frames of an animation that needs no browser."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from app.figures.classes import colors_of, shown_classes, with_number
from app.figures.corruption import CorruptedImages, LikelihoodReading, Plane
from app.figures.gif.plane import draw_plane, font, plain
from app.figures.layout import as_rgb
from app.palette import HALO, INK, PALE, PALE_TYPICAL, TEXT

PANEL = 320  # the image and the plane are squares of this size
MARGIN, LINE = 12, 24
WIDTH, HEIGHT = 2 * PANEL + 3 * MARGIN, PANEL + 3 * MARGIN + 3 * LINE


def corruption_frames(
    plane: Plane, corrupted: CorruptedImages, reading: LikelihoodReading, *, classes: Sequence[str]
) -> np.ndarray:
    """The image, its latent's path so far, and a bar of how untypical it is: uint8 ``(T, H, W, 3)``."""
    name = plain(reading.name)
    colors = colors_of(len(classes), shown_classes(reading.posterior.max(0)))
    ground, path = _plane(plane, colors)
    reach = max(1.5, float(np.abs(reading.offset).max()))
    frames = []
    for step, pixels in enumerate(corrupted.images):
        frame = Image.new("RGB", (WIDTH, HEIGHT), "white")
        _paste_enlarged(frame, as_rgb(pixels))
        panel = ground.copy()
        _draw_path(ImageDraw.Draw(panel), path[: step + 1])
        frame.paste(panel, (PANEL + 2 * MARGIN, MARGIN))
        pen = ImageDraw.Draw(frame)
        answer = int(reading.posterior[step].argmax())
        said = with_number(classes[answer], f"{reading.posterior[step, answer]:.0%}")
        words = f"{name}   at {corrupted.labels[step]}:   {said}"
        pen.text((MARGIN, PANEL + 2 * MARGIN), words, TEXT, font())
        _draw_bar(pen, float(reading.offset[step]), float(reading.bits[step]), reach)
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
    inside = np.concatenate([np.quantile(plane.cloud, [0.005, 0.995], axis=0), plane.means, plane.path])
    low, high = inside.min(0), inside.max(0)
    scale = (PANEL - 2 * MARGIN) / (high - low).max()
    center = (low + high) / 2

    def place(points: np.ndarray) -> np.ndarray:
        return PANEL / 2 + (points - center) * scale * (1, -1)

    image = Image.new("RGB", (PANEL, PANEL), "white")
    pen = ImageDraw.Draw(image, "RGBA")
    draw_plane(
        pen, place(plane.cloud), [colors[int(k)] for k in plane.labels], place(plane.means), "80", mean_colors=colors
    )
    pen.rectangle((0, 0, PANEL - 1, PANEL - 1), outline=PALE)
    return image, place(plane.path)


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
    pen.rectangle((middle - half, top, middle + half, bottom), PALE_TYPICAL)
    x = float(np.clip(middle + offset * half, MARGIN + 4, WIDTH - MARGIN - 4))
    pen.rectangle((x - 4, top - 4, x + 4, bottom + 4), INK)
    verdict = "typical" if abs(offset) <= 1 else "too unlikely" if offset > 0 else "too likely"
    pen.text((MARGIN, bottom + 6), "too likely", TEXT, font())
    pen.text((middle, bottom + 6), f"{bits:.2f} bits/dim: {verdict}", TEXT, font(), "ma")
    pen.text((WIDTH - MARGIN, bottom + 6), "too unlikely", TEXT, font(), "ra")
