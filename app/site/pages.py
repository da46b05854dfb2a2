"""The files of the site: a folder that any web server can serve, and that opens from a disk too."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ..checkpoint import Checkpoint
from ..files import new_folder
from ..weight_space import Family
from .assets import ASSETS
from .measure import FamilySite, measure_site

#: The slider is also a component of the app, which loads it as a module; from a disk a browser loads no modules.
SLIDER = "gamma_slider.js"
_MODULE, _SCRIPT = "export default function", "Explorer.gammaSlider = function"
MARK = "made-by-ibinn-explorer.txt"  # in a folder that may be replaced
SERVED = ("css", "js")
LIMIT = 25 * 2**20


def write_site(
    families: list[Family],
    out: Path | str,
    others: Sequence[Checkpoint] = (),
    say: Callable[[str], object] = print,
) -> Path:
    """Writes the site of some families, whole or not at all.

    Arguments:
        families: each with a measured curve, the one that is shown first in front.
        out: a folder that does not exist, is empty, or holds an earlier site, which is replaced.
        others: checkpoints that have their place beside the family of their data set, such as class-NLL.
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
    found = []
    for family in families:
        name = family.members[0].dataset.name
        found.append(measure_site(family, [one for one in others if one.dataset.name == name], say))
    assets = {file.name: file.read_bytes() for suffix in SERVED for file in ASSETS.glob(f"*.{suffix}")}
    slider, page, slider_page = (
        (ASSETS / name).read_text(encoding="utf-8") for name in (SLIDER, "index.html", "gamma_slider.html")
    )
    with new_folder(out) as folder:
        for name, content in assets.items():
            (folder / name).write_bytes(content)
        (folder / SLIDER).write_text(f"(() => {{\n{slider.replace(_MODULE, _SCRIPT)}\n}})();\n", encoding="utf-8")
        for one in found:
            _write_family(folder / "data", one)
        scripts = "\n".join(f'<script src="data/{one.name}.js"></script>' for one in found)
        page = page.replace("<!-- families -->", scripts).replace("<!-- slider -->", slider_page)
        (folder / "index.html").write_text(page, encoding="utf-8")
        (folder / MARK).write_text("A site of IB-INN Explorer: python -m ibinn_core site\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    say(f"{size / 2**20:.1f} MiB" + ("" if size <= LIMIT else f", more than the {LIMIT / 2**20:.0f} of a small site"))
    return out / "index.html"


def _write_family(folder: Path, one: FamilySite) -> None:
    pictures = folder / one.name
    pictures.mkdir(parents=True)
    for name, content in one.pictures.items():
        (pictures / name).write_bytes(content)
    values = json.dumps(one.values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    (folder / f"{one.name}.js").write_text(f"Explorer.add({values});\n", encoding="utf-8")
