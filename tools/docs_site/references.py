"""Resolves references in docstrings like Python names: relative names start from the docstring's module.

Sphinx alone would match any name with the same ending. It would find two modules ``arrays``, and not know under which
name a public function is documented.
"""

import builtins
import inspect
import re
import sys
from importlib import import_module
from types import ModuleType

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.nodes import find_pending_xref_condition

from tools.docs_site.reference import namesakes, public_names

#: An entry that describes several names.
SEVERAL = re.compile(r"(\s+)(\w+(?:, \w+)+): (.*)")


def described(target: str, module: str, cls: str = "", is_module: bool = False) -> str | None:
    """Returns the documented name of a module's ``target``; ``None`` if it is not in ``ibinn_core``.

    Arguments:
        target: the reference as written, without a leading dot.
        module: the module that contains the reference.
        cls: the class that contains the reference, if any.
        is_module: whether the target must be a module.
    """
    parents = [".".join(module.split(".")[:count]) for count in range(module.count(".") + 1, 0, -1)] if module else []
    places = [f"{module}.{cls}"] if cls else []
    for place in [*places, *parents, ""]:
        path = f"{place}.{target}" if place else target
        found = (path if path in sys.modules else None) if is_module else _name_of(path)
        if found is not None and found.startswith("ibinn_core"):
            return found
    return None


def _name_of(path: str) -> str | None:
    """Returns the documented name for a full name."""
    parts = path.split(".")
    if parts[0] == "ib":
        parts[0] = "ibinn_core"
    if parts[0] != "ibinn_core":
        return None
    value: object = import_module("ibinn_core")
    name = "ibinn_core"
    for last, part in enumerate(parts[1:], 2 - len(parts)):
        if isinstance(value, ModuleType):
            step = f"{value.__name__}.{part}"
            inside = getattr(value, part, None)
            # A module may share its name with a function of its package. A reference's last part means the function.
            value = sys.modules.get(step, inside) if last or inside is None else inside
            if value is None:
                return None
            name = _own_name(value, step)
        elif inspect.isclass(value):
            owner = next((one for one in value.__mro__ if _has(one, part)), None)
            if owner is None:
                return None
            name, value = f"{_own_name(owner, name)}.{part}", owner.__dict__.get(part)
        else:
            return None
    return name


def _has(cls: type, name: str) -> bool:
    return name in cls.__dict__ or name in inspect.get_annotations(cls)


def _own_name(value: object, otherwise: str) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    if id(value) in public_names():
        return public_names()[id(value)]
    if inspect.isclass(value) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}"
    return otherwise


def _resolve(app: Sphinx, tree: nodes.document) -> None:
    for node in list(tree.findall(addnodes.pending_xref)):
        if node.get("refdomain") != "py":
            continue
        target = node["reftarget"]
        if hasattr(builtins, target) and node["reftype"] in ("class", "obj", "exc"):
            shown = find_pending_xref_condition(node, "resolved")
            node.replace_self(
                node.children if shown is None else shown.children
            )  # otherwise an attribute of that name would be used as the type
            continue
        is_module = node["reftype"] == "mod"
        found = described(target, node.get("py:module") or "", node.get("py:class") or "", is_module)
        if is_module and found in namesakes():
            node.replace_self(node.children)  # Sphinx has one name for a function and its module
        elif found is not None:
            node["reftarget"] = found
            node["refspecific"] = False
            node["py:module"] = node["py:class"] = None


def _not_described(app: Sphinx, env: object, node: addnodes.pending_xref, shown: nodes.Element) -> nodes.Element | None:
    """A name without a description, such as a constant, gets no link. An unknown name is an error."""
    is_there = node.get("refdomain") == "py" and described(node["reftarget"], "") is not None
    return shown if is_there else None


def _one_by_one(app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Splits entries ``left, right: text`` of arguments and attributes, because napoleon does not split them."""
    section, at = None, 0
    while at < len(lines):
        line = lines[at]
        indent = len(line) - len(line.lstrip())
        if re.fullmatch(r"\s*(Arguments|Attributes):", line):
            section = indent
        elif section is not None and line.strip() and indent <= section:
            section = None
        several = SEVERAL.fullmatch(line) if section is not None else None
        if several:
            first, *others = several[2].split(", ")
            end = at + 1
            while end < len(lines) and lines[end].startswith(several[1] + " "):
                end += 1
            lines[at] = f"{several[1]}{first}: {several[3]}"
            lines[end:end] = [f"{several[1]}{other}: see ``{first}``." for other in others]
        at += 1


def setup(app: Sphinx) -> dict:
    """Registers the resolvers with Sphinx."""
    app.connect("doctree-read", _resolve)
    app.connect("missing-reference", _not_described)
    app.connect("autodoc-process-docstring", _one_by_one, priority=400)  # must run before napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
