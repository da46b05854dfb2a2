"""The files of the site: a folder that any web server can serve, and that opens from a disk too."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plotly.utils import PlotlyJSONEncoder

from app.images.handwriting import digit
from app.models import registry
from app.palette import ACCENT
from app.site.bundle import bundle
from app.site.lessons import lessons_of
from app.site.live import DRAWINGS, live_of
from app.site.measure import measure
from app.site.packed import why_no_runtime, write_models, write_runtime, write_script
from app.site.playground import write_playground
from app.site.views import Subject, choices_of, views_of
from app.vendor import FOLDER, ensure_plotly
from app.widgets.component import SLIDER
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.files import new_folder
from ibinn_core.weight_space import Family, slider_data

STATIC = Path(__file__).resolve().parent.parent / "static"
LESSONS = STATIC.parent / "lessons" / "lessons.css"
MARK = "made-by-ibinn-explorer.txt"  # in a folder that may be replaced
LIMIT = 25e6  # bytes of a family


class _Parts(NamedTuple):
    """What the page gets of a family: see ``app/static/site/site.js``."""

    #: There when the page is: name, title, slider, which views there are, and what "Try it" begins with.
    light: dict[str, Any]
    #: Fetched when a view is opened: the views, what a person chooses from in them, and the lessons.
    heavy: dict[str, Any]


def write_site(families: Sequence[Family], out: Path | str, say: Callable[[str], object] = print) -> Path:
    """Writes the site of some families, whole or not at all.

    A family that was written for browsers (``python -m ibinn_core onnx NAME --family``) is live on it where
    onnxruntime-web is here; without either, ``say`` tells why not, and all else is there.

    Arguments:
        families: each with a measured curve, of the checkpoints that the app shows; the one that is shown first in
            front.
        out: a folder that does not exist, is empty, or holds an earlier site, which is replaced.
        say: called with each line of progress.

    Returns:
        The path of the page to open.

    Raises:
        ValueError: for a folder that holds anything else, or no family.
        FamilyError: for a family without a measured curve.
    """
    out = Path(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file()):
        raise ValueError(f"{out} holds something that is not a site, and would be lost: name another folder")
    if not families:
        raise ValueError("a site needs at least one family of models")
    ensure_plotly()
    with new_folder(out) as folder:
        for name in ("data", "models"):
            (folder / name).mkdir(parents=True)
        if missing := why_no_runtime():
            say(missing)
        for family in families:
            name = family.members[0].dataset.name
            models = f"models/{name}/"
            is_live = not missing and write_models(family, folder / models, say)
            parts = parts_of(family, models if is_live else None, say)
            light, heavy = map(_as_json, parts)
            (folder / "data" / f"{name}.js").write_text(f"families.push({light});\n", encoding="utf-8")
            views = f"Object.assign(families.find((one) => one.name === {json.dumps(name)}), {heavy});\n"
            write_script(folder / "data" / f"{name}.views.packed.js", views)
        if any((folder / "models").iterdir()):
            write_runtime(folder / "ort")
            shutil.copytree(STATIC / "flow", folder / "flow")
        write_playground(folder)
        (folder / "site.js").write_text(bundle(STATIC / "site" / "site.js", STATIC), encoding="utf-8")
        for source in (STATIC / "site" / "site.css", STATIC / "figure" / "figure.css", LESSONS):
            shutil.copyfile(source, folder / source.name)
        shutil.copyfile(SLIDER.with_suffix(".css"), folder / "slider.css")
        write_script(folder / "plotly.packed.js", (FOLDER / "plotly.min.js").read_text("utf-8"))
        (folder / MARK).write_text("A site of IB-INN Explorer: ibinn-explorer site OUT\n", encoding="utf-8")
        _write_page(folder, [family.members[0].dataset.name for family in families])
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    most = LIMIT * len(families)
    say(f"{size / 1e6:.1f} MB" + ("" if size <= most else f", more than {most / 1e6:.0f}"))
    return out / "index.html"


def _as_json(part: dict[str, Any]) -> str:
    return json.dumps(part, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def _write_page(folder: Path, names: Sequence[str]) -> None:
    """The page and its service worker, which know the version of all that is in the folder."""
    whole = hashlib.sha256()
    template = (STATIC / "site" / "index.html").read_text("utf-8")
    worker = (STATIC / "site" / "sw.js").read_text("utf-8")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(
            f"{file.relative_to(folder).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
        )
    whole.update(f"{template}{worker}".encode())
    version = whole.hexdigest()[:12]
    parts = {
        "families": "\n    ".join(f'<script src="data/{name}.js?{version}"></script>' for name in names),
        "slider": SLIDER.with_suffix(".html").read_text("utf-8"),
        "accent": ACCENT,
        "version": version,
    }
    for name, part in parts.items():
        template = template.replace(f"<!-- {name} -->", part)
    (folder / "index.html").write_text(template, encoding="utf-8")
    shell = ["./", *re.findall(rf'(?:src|href)="([^"]+\?{version})"', template), f"slider.css?{version}"]
    worker = worker.replace('"<!-- version -->"', json.dumps(version)).replace('["<!-- shell -->"]', json.dumps(shell))
    (folder / "sw.js").write_text(worker, encoding="utf-8")


def parts_of(family: Family, models: str | None, say: Callable[[str], object] = print) -> _Parts:
    """What the page gets of a family, the files of whose models lie in the folder ``models``, if they are there."""
    dataset = family.members[0].dataset
    drawing = digit(DRAWINGS[0].strokes) if registry.is_of_digits(dataset) else None
    seen = measure(family, say, drawing)
    say(f"{dataset.title}: figures")
    heavy = {
        "choices": choices_of(seen, dataset.classes),
        "views": views_of(Subject(family, seen, registry.of_data_set(dataset.name))),
        "lessons": lessons_of() if dataset.name == DEFAULT else [],
    }
    light = {
        "name": dataset.name,
        "title": dataset.title,
        "slider": slider_data(family),
        "live": live_of(family, seen, models),
        "tabs": [{"id": view["id"], "title": view["title"]} for view in heavy["views"]],
        "counts": {kind: len(made) for kind, made in heavy["choices"].items()} | {"lesson": len(heavy["lessons"])},
    }
    return _Parts(light, heavy)
