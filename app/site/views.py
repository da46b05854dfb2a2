"""The site's views of a family: the app's panels in their initial state, with the data for continuing in a browser."""

import dataclasses
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from app.controls import opening_state
from app.figures.family_curve import RING
from app.images import pictures
from app.images.pad import Pad
from app.images.pictures import ground_text
from app.images.sheets import NONE, PICTURES, sheets_of
from app.latent_space.plane import Plane
from app.lessons.prose import Prose
from app.models import asking, registry
from app.models.data_switch import custom_split_text
from app.models.live import packed
from app.palette import class_colors
from app.panel import Html, Panel, Part, Plot
from app.panels import judge, look, sample, tradeoff, walk
from app.site.parts import of_site
from app.widgets.tiles import Tiles
from ibinn_core.weight_space import Family

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
PLANES = ("track", "details")  # a plane's largest arrays, which are loaded later


def views_of(family: Family, folder: Path) -> dict[str, Any]:
    """Returns the first state of each view as plain JSON, by name; writes the plane's images into a new ``folder``."""
    (plane,) = _drawn(look.PANEL, Plane)
    shown = of_site(_with_pictures(plane, folder))
    later = {name: shown["data"][name] for name in PLANES}
    shown = {**shown, "data": {**shown["data"], **dict.fromkeys(PLANES)}, "later": "look-later"}
    return {
        "look": _view(look.PANEL, [shown]),
        "look-later": later,
        "sample": _view(sample.PANEL, [of_site(_tapped(part)) for part in _drawn(sample.PANEL, Tiles)]),
        "walk": _view(walk.PANEL, [of_site(_tapped(part)) for part in _drawn(walk.PANEL, Tiles)], _samples()),
        "test": _test(family),
        "results": _results(family),
    }


def _drawn(panel: Panel, *kinds: type[Part]) -> list[Any]:
    """Returns the parts of some kinds in a panel's initial view."""
    view = panel.views(opening_state(panel.state))[0]
    drawn = view.draw(*asking.ask_all(view.needs))
    return [part for part in ([drawn] if isinstance(drawn, Part) else drawn) if isinstance(part, kinds)]


def _tapped(tiles: Tiles) -> Tiles:
    """Returns tiles that a tap enlarges; their values are shown next to the enlarged image."""
    numbers = range(1, tiles.images.shape[1] + 1)
    return dataclasses.replace(tiles, values=[f"Image {number} of “{row}”" for row in tiles.rows for number in numbers])


def _view(panel: Panel, parts: list[dict[str, Any]], images: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Returns a view: its text, its parts, and the images to choose from."""
    words = Prose(panel.key).html(WORDS.get(panel.key, panel.words), {})
    return {"words": words, "images": images or [], "parts": parts}


def _samples() -> list[dict[str, str]]:
    """Returns the sample images, with their pixels and class names."""
    images, labels, _ = pictures.images_of(pictures.SAMPLE)
    classes = registry.dataset().classes
    return [{"name": classes[k], "pixels": packed(x)} for x, k in zip(images, labels, strict=True)]


def _with_pictures(plane: Plane, folder: Path) -> Plane:
    """Keeps pictures only for the images that follow γ."""
    assert plane.track is not None and plane.details is not None
    rows = plane.track.rows
    images = pictures.images_of(pictures.largest_gallery())[0]
    places = pictures.rows_in_gallery(plane.model)[rows]
    known = places >= 0
    if not known.any():
        return dataclasses.replace(plane, details=plane.details._replace(pictures=None))
    sheets = sheets_of(images[places[known]])
    assert sheets is not None
    shutil.copytree(PICTURES / Path(sheets.address).name, folder)
    numbers = np.full(len(plane.places), NONE, np.uint16)
    numbers[rows[known]] = sheets.numbers
    sheets = sheets._replace(address=f"pictures/{folder.name}/", numbers=numbers)
    return dataclasses.replace(plane, details=plane.details._replace(pictures=sheets))


def _results(family: Family) -> dict[str, Any]:
    note = custom_split_text(family.members[0])
    plot, *words = _drawn(tradeoff.PANEL, Plot, Html)
    plot.figure.data = [trace for trace in plot.figure.data if trace.uid != RING]  # no model is chosen here
    return _view(tradeoff.PANEL, [of_site(part) for part in [plot, *words, *([Html(note)] if note else [])]])


def _test(family: Family) -> dict[str, Any]:
    """Returns the initial state of the view "Test an image": see ``app/static/site/testing.js``."""
    (plot,) = _drawn(judge.PANEL, Plot)
    classes = family.members[0].classes
    is_of_digits = registry.is_of_digits(family.members[0].dataset)
    return {
        **_view(judge.PANEL, [of_site(Pad("pad", "", ""))] if is_of_digits else [], _samples()),
        "classes": classes,
        "colors": class_colors(len(classes)),
        "why": WORDS["verdicts"],
        "ground": ground_text(family.members[0].dataset),
        "task": plot.live[2],
    }
