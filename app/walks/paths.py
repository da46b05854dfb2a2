"""The paths between two images, and what models decode on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.images.alterations import cross_fade
from app.images.pictures import Picture
from app.images.program_lines import image_lines, model_line, program
from app.models.decoding import walk, walks_at_once
from app.models.names import colors_of, name_of
from app.models.predictions import at_once, predict_with_likelihood
from app.palette import NEUTRAL
from ibinn_core.checkpoint import Checkpoint

CIRCLE, LINE, FADE = "great circle", "straight line", "pixel cross-fade"
PATHS = {CIRCLE: "spherical", LINE: "linear"}
ROW_COLORS = {LINE: "#2f74c0", FADE: NEUTRAL}  # the circle has its model's


class Path(NamedTuple):
    """One row of the page: a path, and the model that decodes or judges its images."""

    model: Checkpoint
    kind: str
    name: str


@dataclass(frozen=True)
class Walk:
    """R paths between two images, in T steps."""

    paths: list[Path]  # the R paths
    positions: np.ndarray  # on the path, (T,), from 0 to 1
    images: np.ndarray  # as decoded, uint8 (R, T, H, W, C)
    posterior: np.ndarray  # of the images under the path's model, (R, T, K)
    bits: np.ndarray  # their bits/dim, (R, T)

    @property
    def names(self) -> list[str]:
        """What people call the paths."""
        return [path.name for path in self.paths]

    @property
    def models(self) -> list[Checkpoint]:
        """The model of each path."""
        return [path.model for path in self.paths]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return self.paths[0].model.classes

    @property
    def colors(self) -> list[str]:
        """A colour for each path."""
        own = zip(self.paths, colors_of(self.models), strict=True)
        return [ROW_COLORS.get(path.kind, color) for path, color in own]


def paths_of(focus: Checkpoint, models: Sequence[Checkpoint]) -> list[Path]:
    """The circle under each model, the line under the slider's alone, and beside them what no model did."""
    if len(models) == 1:
        return [Path(focus, kind, kind) for kind in (CIRCLE, LINE, FADE)]
    line = Path(focus, LINE, f"{name_of(focus)}, {LINE}")
    return [*(Path(c, CIRCLE, name_of(c)) for c in models), line, Path(focus, FADE, FADE)]


def walk_of(paths: list[Path], first: Picture, second: Picture, steps: int) -> Walk:
    """The walks from one image to another."""
    walks = [(path.model.id, PATHS[path.kind]) for path in paths if path.kind in PATHS]
    walks_at_once(walks, first.pixels, second.pixels, steps)
    images = np.stack(
        [
            walk(path.model.id, first.pixels, second.pixels, steps, PATHS[path.kind])
            if path.kind in PATHS
            else cross_fade(first.pixels, second.pixels, steps)
            for path in paths
        ]
    )
    at_once([(path.model.id, row) for path, row in zip(paths, images, strict=True)])
    predictions = [predict_with_likelihood(path.model.id, row) for path, row in zip(paths, images, strict=True)]
    posterior = np.stack([p.posterior for p in predictions])
    return Walk(paths, np.linspace(0, 1, steps), images, posterior, np.stack([p.bits for p in predictions]))


def same_in_python(focus: Checkpoint, first: Picture, second: Picture, steps: int) -> str:
    """The program that makes the rows of one model: both paths, and the cross-fade of the pixels."""
    return program(
        model_line(focus),
        *image_lines("first", first, focus.dataset),
        *image_lines("second", second, focus.dataset),
        "x = ib.dequantize(ib.to_unit(np.stack([first, second])), model.noise)",
        "z = model.encode(x)",
        "rows = {}  # each uint8 (steps, H, W, C)",
        *(
            line
            for kind, mode in PATHS.items()
            for line in (
                f'path = ib.exploration.interpolate(z[0], z[1], {steps}, "{mode}")',
                f'rows["{kind}"] = ib.to_uint8(model.decode(path), missing=0.5)',
            )
        ),
        f"share = np.linspace(0, 1, {steps}).reshape(-1, 1, 1, 1)",
        f'rows["{FADE}"] = np.round((1 - share) * first + share * second).astype(np.uint8)',
    )
