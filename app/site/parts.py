"""Converts the parts of pages and lessons to plain JSON, which the app's components draw on the site."""

import dataclasses
from typing import Any

from app.figures.layout import BARE
from app.figures.sent import specification
from app.images.pad import Pad
from app.images.pad import data_of as pad_data
from app.latent_space.plane import Plane, html_of, marks_of
from app.latent_space.plane import data_of as plane_data
from app.lessons.prose import Prose
from app.models import registry
from app.panel import Html, Part, Plot
from app.widgets.tiles import Tiles
from app.widgets.tiles import data_of as tiles_data
from ibinn_core.weight_space import plain_gamma


def of_site(part: Part) -> dict[str, Any]:
    """Converts a part by its kind: see ``app/static/site/parts.js``."""
    if isinstance(part, Html):
        return {"kind": "html", "html": part.text}
    if isinstance(part, Plot):
        spec = specification(part.figure, part.key, alt=part.alt, config=BARE, about=part.about or part.key)
        return {"kind": "plot", "data": spec}
    if isinstance(part, Tiles):
        return {"kind": "tiles", "data": tiles_data(part), "live": _live(part)}
    if isinstance(part, Plane):
        shown = along_the_curve(part)
        return {
            "kind": "plane",
            "html": Prose("").html(part.heading, {}) + html_of(),
            "data": plane_data(shown),
            "marks": marks_of(shown),
            "live": _live(part),
        }
    assert isinstance(part, Pad), part
    return {"kind": "pad", "data": pad_data(part)}


def along_the_curve(plane: Plane) -> Plane:
    """Keeps only those images of a plane that follow γ, if any do."""
    if plane.track is None:
        return plane
    rows = plane.track.rows
    details = plane.details
    if details is not None:
        details = details._replace(
            labels=details.labels[rows],
            predicted=details.predicted[rows],
            confidence=details.confidence[rows],
            bits=details.bits[rows],
            pictures=details.pictures and details.pictures._replace(numbers=details.pictures.numbers[rows]),
        )
    ring = None if plane.ring is None or plane.ring not in rows else int((rows == plane.ring).argmax())
    return dataclasses.replace(
        plane,
        places=plane.places[rows],
        groups=plane.groups[rows],
        details=details,
        ring=ring,
        hand=None,  # the star cannot be dragged here
        track=plane.track.among(rows),
    )


def _live(part: Tiles | Plane) -> dict[str, Any] | None:
    """Returns the part's live task, and the γ at which the part is drawn."""
    if not part.live:
        return None
    model, kind, task = part.live
    gamma = registry.by_id(model).gamma
    return {"kind": kind, "task": task, "gamma": None if gamma is None else plain_gamma(gamma)}
