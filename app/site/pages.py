"""The files of the site: a folder that any web server can serve, and that opens from a disk too."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plotly.utils import PlotlyJSONEncoder

from app.models import registry
from app.palette import ACCENT
from app.site.bundle import bundle
from app.site.lessons import lessons_of
from app.site.measure import measure
from app.site.views import Subject, choices_of, views_of
from app.vendor import FOLDER, ensure_plotly
from app.widgets.component import SLIDER
from ibinn_core.data.datasets import DEFAULT
from ibinn_core.files import new_folder
from ibinn_core.models.kinds import gamma_text
from ibinn_core.weight_space import Family, slider_data

STATIC = Path(__file__).resolve().parent.parent / "static"
LESSONS = STATIC.parent / "lessons" / "lessons.css"
MARK = "made-by-ibinn-explorer.txt"  # in a folder that may be replaced
LIMIT = 25 * 2**20  # bytes


def write_site(families: Sequence[Family], out: Path | str, say: Callable[[str], object] = print) -> Path:
    """Writes the site of some families, whole or not at all.

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
    found = {family.members[0].dataset.name: values_of(family, say) for family in families}
    ensure_plotly()
    with new_folder(out) as folder:
        (folder / "data").mkdir(parents=True)
        for name, values in found.items():
            text = json.dumps(values, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))
            (folder / "data" / f"{name}.js").write_text(f"families.push({text});\n", encoding="utf-8")
        scripts = "\n".join(f'<script src="data/{name}.js"></script>' for name in found)
        parts = {"families": scripts, "slider": SLIDER.with_suffix(".html").read_text("utf-8"), "accent": ACCENT}
        page = (STATIC / "site" / "index.html").read_text("utf-8")
        for name, part in parts.items():
            page = page.replace(f"<!-- {name} -->", part)
        (folder / "index.html").write_text(page, encoding="utf-8")
        (folder / "site.js").write_text(bundle(STATIC / "site" / "site.js", STATIC), encoding="utf-8")
        for source in (STATIC / "site" / "site.css", STATIC / "figure" / "figure.css", LESSONS):
            shutil.copyfile(source, folder / source.name)
        shutil.copyfile(SLIDER.with_suffix(".css"), folder / "slider.css")
        shutil.copyfile(FOLDER / "plotly.min.js", folder / "plotly.min.js")
        (folder / MARK).write_text("A site of IB-INN Explorer: python -m ibinn_core site\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    say(f"{size / 2**20:.1f} MiB" + ("" if size <= LIMIT else f", more than the {LIMIT / 2**20:.0f} of a small site"))
    return out / "index.html"


def values_of(family: Family, say: Callable[[str], object] = print) -> dict[str, Any]:
    """What the page gets of a family: see ``app/static/site/site.js``."""
    seen, dataset = measure(family, say), family.members[0].dataset
    say(f"{dataset.title}: figures")
    values = {
        "name": dataset.name,
        "title": dataset.title,
        "slider": slider_data(family, [_name(gamma) for gamma in family.gammas]),
        "choices": choices_of(seen, dataset.classes),
        "views": views_of(Subject(family, seen, registry.of_data_set(dataset.name))),
    }
    return {**values, "lessons": lessons_of()} if dataset.name == DEFAULT else values


def _name(gamma: float) -> str:
    """What a trained model is called on the slider."""
    return {0.0: "only likelihood", float("inf"): "only classes"}.get(gamma, f"γ = {gamma_text(gamma)}")
