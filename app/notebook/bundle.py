"""Bundles JavaScript modules into one module for a notebook."""

import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import\s+(?:\{([^}]*)\}|(\w+))\s+from\s+"(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (default )?((?:async )?function|class|const)(?: (\w+))?", re.MULTILINE)
_LEFT = re.compile(r"^(import|export)\b.*$|\bawait import\(.*$", re.MULTILINE)


def bundle_module(entry: Path, root: Path) -> str:
    """Bundles ``entry`` and all modules that it imports from the folder ``root`` into one module.

    The new module's default export holds the exports of ``entry``. Each old module becomes a function that is called
    once: its imports become constants, and the function returns the exports.

    Raises:
        ValueError: a module's import or export has an unknown form, or modules import each other in a circle.
    """
    done: dict[str, str] = {}
    name = _add(entry.resolve(), root.resolve(), done, ())
    return "\n".join(["const modules = {};", *done.values(), f"export default modules[{json.dumps(name)}];\n"])


def _add(path: Path, root: Path, done: dict[str, str], importing: tuple[str, ...]) -> str:
    """Adds a module after the modules that it imports, and returns its name."""
    name = path.relative_to(root).as_posix()
    if name in importing:
        raise ValueError(f"{name} imports itself through {importing[-1]}: remove that import")
    if name in done:
        return name

    def found(address: str) -> str:
        other = _add((path.parent / address).resolve(), root, done, (*importing, name))
        return f"modules[{json.dumps(other)}]"

    def imported(match: re.Match) -> str:
        names = "{ default: " + match[2] + " }" if match[2] else "{" + re.sub(r"\s+as\s+", ": ", match[1]) + "}"
        return f"const {names} = {found(match[3])};"

    exported: list[str] = []

    def declared(match: re.Match) -> str:
        is_default, kind, own = match.groups()
        own = own or "defaultExport"
        exported.append(f"default: {own}" if is_default else own)
        return f"{kind} {own}"

    text = _IMPORT.sub(imported, path.read_text("utf-8"))
    text = _EXPORT.sub(declared, text)
    if left := _LEFT.search(text):
        raise ValueError(f"{name} has a line that a script cannot have: {left[0].strip()}")
    text = text.replace("import.meta.url", "document.baseURI")
    done[name] = f"modules[{json.dumps(name)}] = (() => {{\n{text}\nreturn {{ {', '.join(exported)} }};\n}})();"
    return name
