"""The library's reference: a page for each module, with public objects under their public names.

The page of a public package lists its names. A name's description is on the page of the module that defines the name.
"""

import inspect
import pkgutil
from functools import cache
from importlib import import_module

#: Public packages in the order of their pages, with the titles of the pages.
PUBLIC = {
    "ibinn_core": "The library: `import ibinn_core as ib`",
    "ibinn_core.data": "Images and labels: `ib.data`",
    "ibinn_core.data.images": "Pixels: `ib.data.images`",
    "ibinn_core.data.image_files": "Image files: `ib.data.image_files`",
    "ibinn_core.data.ood": "Out-of-distribution images: `ib.data.ood`",
    "ibinn_core.exploration": "Walks, moves, projections: `ib.exploration`",
    "ibinn_core.evaluation": "Models on data sets: `ib.evaluation`",
    "ibinn_core.layers": "Invertible layers: `ib.layers`",
}
LEFT_OUT = ("ibinn_core.__main__",)


@cache
def public_names() -> dict[int, str]:
    """The name under which each public function and class is described, by the object's :func:`id`."""
    names: dict[int, str] = {}
    for name in PUBLIC:
        module = import_module(name)
        for one in module.__all__:
            if _is_object(getattr(module, one)):
                names.setdefault(id(getattr(module, one)), f"{name}.{one}")
    return names


@cache
def namesakes() -> set[str]:
    """Returns the modules with the same name as a public function."""
    return set(public_names().values()) & set(_modules("ibinn_core"))


def reference() -> dict[str, str]:
    """Returns the pages in reStructuredText, by path."""
    modules = [name for name in ("ibinn_core", *_modules("ibinn_core")) if name not in LEFT_OUT]
    return {f"api/{name}.rst": _page(name) for name in modules} | {"api/index.rst": _index(modules)}


def _page(name: str) -> str:
    """Returns the page of a module: its docstring, its public names, and its other definitions."""
    names = public_names()
    listed = [one for one in names.values() if name in PUBLIC and one.rpartition(".")[0] == name]
    summary = [f"   {one.rpartition('.')[2]}\n" for one in listed]
    values = vars(import_module(name)).values()
    defined = dict.fromkeys(names[id(one)] for one in values if id(one) in names and _is_own(one, name))
    return "".join(
        [
            _titled(PUBLIC.get(name, f"`{name}`").replace("`", "``"), "="),
            _automodule(name),
            *([".. autosummary::\n   :nosignatures:\n\n", *summary, "\n"] if summary else []),
            *map(_object, defined),
        ]
    )


def _modules(package: str) -> list[str]:
    found = import_module(package)
    return [one.name for one in pkgutil.walk_packages(found.__path__, f"{package}.")]


def _is_object(value: object) -> bool:
    return inspect.isroutine(value) or inspect.isclass(value)


def _object(name: str) -> str:
    module, _, last = name.rpartition(".")
    value = getattr(import_module(module), last)
    if not inspect.isclass(value):
        return f".. autofunction:: {name}\n\n"
    kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
    return f".. {kind}:: {name}\n   :members:\n   :show-inheritance:\n\n"


def _is_own(value: object, module: str) -> bool:
    return _is_object(value) and getattr(value, "__module__", "") == module


def _automodule(name: str) -> str:
    """Returns a module's docstring and its definitions that are not public."""
    module = import_module(name)
    values = [(one, value) for one, value in vars(module).items() if _is_object(value)]
    public = sorted(one for one, value in values if id(value) in public_names())
    options = ["   :members:", "   :ignore-module-all:", "   :show-inheritance:"]
    options += [f"   :exclude-members: {', '.join(public)}"] if public else []
    after = ""
    if name in namesakes():  # Sphinx can use this name only for the function
        options = ["   :no-members:", "   :no-index:"]
        own = [one for one, value in values if one[0] != "_" and one not in public and _is_own(value, name)]
        after = f".. py:currentmodule:: {name}\n\n" + "".join(_object(f"{name}.{one}") for one in own)
    return "\n".join([f".. automodule:: {name}", *options]) + "\n\n" + after


def _titled(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}\n\n"


def _index(modules: list[str]) -> str:
    parts = {"Public names": list(PUBLIC)}
    for name in modules:
        if name not in PUBLIC:
            parts.setdefault(name.split(".")[1], []).append(name)
    text = _titled("API", "=") + "Each module has a page. :ref:`genindex` has every name.\n\n"
    for title, names in parts.items():
        text += f".. toctree::\n   :maxdepth: 1\n   :caption: {title}\n\n   " + "\n   ".join(names) + "\n\n"
    return text


def commands() -> str:
    """Returns the options of all commands of the library as Markdown, as ``--help`` prints them."""
    import click

    from ibinn_core.cli import ibinn

    parts, group = ["### Options"], click.Context(ibinn, info_name="ibinn", **ibinn.context_settings)
    for name, command in sorted(ibinn.commands.items()):
        if not command.hidden:
            said = command.get_help(click.Context(command, group, name, max_content_width=100))
            parts.append(f"#### {name}\n\n```text\n{said}\n```")
    return "\n\n".join(parts)
