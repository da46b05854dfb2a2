"""Writes the files of the site: a folder that any web server can serve."""

import hashlib
import json
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plotly.utils import PlotlyJSONEncoder

from app import state
from app.inference.slider import slider_data
from app.lessons.course import LESSONS, Lesson
from app.lessons.prose import Prose
from app.models import registry
from app.palette import ACCENT
from app.playground import element
from app.site import packed
from app.site.beside import write_beside
from app.site.kept import Kept
from app.site.lessons import lesson_of
from app.site.views import WORDS, views_of
from app.vendor import FOLDER, ensure_plotly
from app.widgets.component import SLIDER
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.files import new_folder
from ibinn_core.weight_space import Family, FamilyError

STATIC = Path(__file__).resolve().parent.parent / "static"
#: Style sheets that the site joins into one file; the site's own sheet comes last.
STYLES = [
    STATIC.parent / "lessons" / "lessons.css",
    *(
        STATIC / f"{name}.css"
        for name in ("figure/controls", "tiles/tiles", "figure/figure", "plane/plane", "live/pen", "site/site")
    ),
]
MARK = "made-by-ibinn-explorer.txt"  # present in folders that may be replaced
#: Settings for a static Space of the Hugging Face Hub.
CARD = """---
title: IB-INN Explorer
emoji: 🎚️
colorFrom: blue
colorTo: yellow
sdk: static
app_file: index.html
license: mit
short_description: From generative to discriminative with one number
---

A site of IB-INN Explorer, written by `ibinn-explorer site`. A visitor's own browser computes with the models.
"""
#: Parts of ``app/static`` that the site does not use.
LEFT_OUT = shutil.ignore_patterns("notebook", "jsconfig.json", "vendor")
#: Files of ``app/static/vendor`` that the site needs besides Plotly and onnxruntime-web.
VENDORED = ("gifenc.js", "gifenc-LICENSE.txt", "plotly-cartesian-LICENSE.txt")
PLOTLY, PART_OF_PLOTLY = "plotly.min.js", "plotly-cartesian.min.js"


def write_site(
    families: Sequence[Family],
    out: Path | str,
    say: Callable[[str], object] = print,
    kept: Kept | None = None,
) -> Path:
    """Writes the site of some families, completely or not at all.

    A family runs in the browser if ``python -m ibinn_core onnx NAME --family`` wrote its files and onnxruntime-web is
    here. Otherwise ``say`` gets the reason, and the site has everything of the family except its models.

    Arguments:
        families: families with a measured curve, whose checkpoints the app shows. The site opens with the first family.
        out: a folder that does not exist, is empty, or holds an earlier site, which is replaced.
        say: called with each line of progress.
        kept: cache of results, by default in :func:`ibinn_core.places.home`.

    Returns:
        Path of the page to open.

    Raises:
        ValueError: the folder holds other files, or there is no family.
        FamilyError: a family has no measured curve.
    """
    out = Path(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file()):
        raise ValueError(f"{out} holds something that is not a site; it would be lost: name another folder")
    if not families:
        raise ValueError("a site needs at least one family of models")
    if not all(family.curve for family in families):
        raise FamilyError(
            "the site needs the measured curve of the family, which is missing or belongs to other checkpoints: "
            "measure it with python -m ibinn_core curve"
        )
    kept = kept or Kept()
    with new_folder(out) as folder:
        files = folder / "files"
        _write_static(files / "static")
        (files / "data").mkdir()
        runtime = packed.write_runtime(files / "static" / "vendor" / "ort", kept) if packed.is_complete() else None
        light = [_write_family(family, files, runtime, kept, say) for family in families]
        lessons = LESSONS if any(one["name"] == DEFAULT for one in light) else {}
        titles = _write_lessons(lessons, files / "data", say)
        start = "" if lessons else Prose("start").html(WORDS["start"], {})
        known = {"families": light, "lessons": titles, "course": DEFAULT, "start": start}
        _write_json(files / "data" / "site.json", known)
        html, css = element.parts()
        _write_json(files / "data" / "playground.json", {**element.specification(), "html": html, "css": css})
        _write_around(folder, files)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    say(f"{size / 1e6:.1f} MB")
    return out / "index.html"


def _write_static(folder: Path) -> None:
    """Copies the scripts, the styles as one file, and third-party files into a new ``folder``."""
    shutil.copytree(STATIC, folder, ignore=LEFT_OUT)
    styles = "\n".join(file.read_text("utf-8") for file in STYLES)
    (folder / "site" / "site.css").write_text(styles, encoding="utf-8")
    _copy_vendored(folder / "vendor")


def _write_family(
    family: Family, files: Path, runtime: dict[str, Any] | None, kept: Kept, say: Callable[[str], object]
) -> dict[str, Any]:
    """Writes the models, pictures and views of a family; returns the data with which the page starts."""
    dataset = family.members[0].dataset
    models = files / "models" / dataset.name
    is_live = _write_models(family, models, runtime, kept, say)
    say(f"{dataset.title}: pictures")
    with showing(dataset.name):
        views = views_of(family, files / "pictures" / dataset.name)
        views["test"]["beside"] = write_beside(models, kept) if is_live else None
    for view, value in views.items():
        _write_json(files / "data" / f"{dataset.name}-{view}.json", value)
    named = {"name": dataset.name, "title": dataset.title, "is_of_digits": registry.is_of_digits(dataset)}
    return {**named, "is_live": is_live, "slider": slider_data(family)}


def _write_lessons(lessons: Mapping[str, Lesson], folder: Path, say: Callable[[str], object]) -> dict[str, str]:
    """Writes the lessons' parts before and after the answer; returns the lessons' titles by name."""
    for name, lesson in lessons.items():
        say(f"Lesson {lesson.number}: {lesson.title}")
        given = lesson_of(lesson)
        _write_json(folder / f"lesson-{name}-after.json", given.pop("after", []))
        _write_json(folder / f"lesson-{name}.json", given)
    return {name: lesson.title for name, lesson in lessons.items()}


def _write_around(folder: Path, files: Path) -> None:
    """Writes the page and the hosts' files, and names the folder ``files`` by a hash of its contents."""
    (folder / MARK).write_text("A site of IB-INN Explorer: ibinn-explorer site OUT\n", encoding="utf-8")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / ".nojekyll").touch()  # so that GitHub Pages serves all files unchanged
    version = _hash(files)
    _write_page(folder / "index.html", version)
    files.rename(folder / version)


@contextmanager
def showing(data: str) -> Iterator[None]:
    """Makes panels use a data set in this context, as if a user had chosen it."""
    state.put(state.DATA_SHOWN, data)
    try:
        yield
    finally:
        state.take(state.DATA_SHOWN)


def _copy_vendored(folder: Path) -> None:
    """Copies the third-party files that the pages use into a new ``folder``.

    Prefers a part of Plotly that suffices for the figures and runs under a strict content security policy.
    """
    folder.mkdir()
    for name in VENDORED:
        if (FOLDER / name).is_file():
            shutil.copyfile(FOLDER / name, folder / name)
    source = FOLDER / PART_OF_PLOTLY
    if not source.is_file():
        ensure_plotly()
        source = FOLDER / PLOTLY
    shutil.copyfile(source, folder / PLOTLY)


def _write_models(
    family: Family, folder: Path, runtime: dict[str, Any] | None, kept: Kept, say: Callable[[str], object]
) -> bool:
    """Writes a family's models into a new ``folder``. Returns whether that worked; if not, ``say`` gets the reason."""
    title = family.members[0].dataset.title
    if runtime is None:
        say(f"{title} is not live on this site: fetch onnxruntime-web with python tools/vendor.py")
        return False
    try:
        packed.write_models(family, folder, runtime, kept)
    except FamilyError as error:
        say(f"{title} is not live on this site: {error}")
        return False
    return True


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def _hash(folder: Path) -> str:
    """Returns a hash of all files, since browsers keep files for days and must not mix versions."""
    whole = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()[:12]


def _first_modules() -> list[str]:
    """Returns the modules needed at the start, which ``site.js`` imports directly or indirectly."""
    found, new = [], ["site/site.js"]
    while new:
        found.append(name := new.pop())
        text = (STATIC / name).read_text("utf-8")
        imported = [
            posixpath.normpath(f"{name}/../{one}") for one in re.findall(r'^import [^"]* from "(.+)";$', text, re.M)
        ]
        new += [one for one in imported if one not in (*found, *new)]
    return found


def _write_page(path: Path, version: str) -> None:
    template = (STATIC / "site" / "index.html").read_text("utf-8")
    modules = "\n    ".join(f'<link rel="modulepreload" href="{version}/static/{name}">' for name in _first_modules())
    slider = SLIDER.with_suffix(".html").read_text("utf-8")
    parts = {"modules": modules, "slider": slider, "accent": ACCENT, "version": version}
    for name, part in parts.items():
        template = template.replace(f"<!-- {name} -->", part)
    path.write_text(template, encoding="utf-8")
