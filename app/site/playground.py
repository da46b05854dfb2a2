"""The playground of the site: the app's modules, which a browser imports as they are."""

import json
import shutil
from pathlib import Path

from app.play_text import BEGINNING
from app.playground.element import parts, specification

STATIC = Path(__file__).resolve().parent.parent / "static"
#: What it is made of: whole folders, and single modules that it imports from others.
MODULES = ("playground/*.js", "slider/gamma_slider.js", "flow/files.js", "flow/mixture.js", "flow/noise.js")
MODULES += tuple(f"figure/{name}.js" for name in ("canvas", "ended", "export", "font"))


def write_playground(folder: Path) -> None:
    """Puts it into the folder of a site: its modules into ``play``, what its page begins with into ``data``."""
    files = [file for pattern in MODULES for file in sorted(STATIC.glob(pattern))]
    for file in files:
        target = folder / "play" / file.relative_to(STATIC)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    html, css = parts()
    names = [f"play/{file.relative_to(STATIC).as_posix()}" for file in files]
    given = {**specification(BEGINNING), "html": html, "css": css, "files": names}
    text = f"export default {json.dumps(given, ensure_ascii=False)};\n"
    (folder / "data" / "playground.js").write_text(text, encoding="utf-8")
