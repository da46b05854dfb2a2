"""The pages of the library's reference: what is public, under the name by which it is called, and then all modules."""

import inspect
import pkgutil
from functools import cache
from importlib import import_module

#: Of the packages whose names people call, in the order of the pages, and what each has.
PUBLIC = {
    "ibinn_core": "The library: `import ibinn_core as ib`",
    "ibinn_core.data": "Images and labels: `ib.data`",
    "ibinn_core.data.images": "Pixels: `ib.data.images`",
    "ibinn_core.data.image_files": "Image files: `ib.data.image_files`",
    "ibinn_core.data.ood": "Images out of the distribution: `ib.data.ood`",
    "ibinn_core.exploration": "Walks, moves, projections: `ib.exploration`",
    "ibinn_core.evaluation": "Measures: `ib.evaluation`",
    "ibinn_core.layers": "Invertible layers: `ib.layers`",
}
LEFT_OUT = ("ibinn_core.__main__",)


@cache
def public_names() -> dict[int, str]:
    """Under which name each public function and class is described, by its identity."""
    names: dict[int, str] = {}
    for name in PUBLIC:
        module = import_module(name)
        for one in module.__all__:
            if _is_object(getattr(module, one)):
                names.setdefault(id(getattr(module, one)), f"{name}.{one}")
    return names


@cache
def namesakes() -> set[str]:
    """The modules that have the name of a public function."""
    return set(public_names().values()) & set(_modules("ibinn_core"))


def reference() -> dict[str, str]:
    """The pages, in reStructuredText, by their paths."""
    pages = {f"api/{name}.rst": _public(name) for name in PUBLIC}
    modules = [name for name in _modules("ibinn_core") if name not in LEFT_OUT and name not in PUBLIC]
    rooms = sorted({name.split(".")[1] for name in modules})
    for room in rooms:
        inside = [name for name in modules if name.split(".")[1] == room]
        pages[f"api/modules/{room}.rst"] = _titled(f"``ibinn_core.{room}``", "=") + "".join(map(_module, inside))
    return pages | {"api/index.rst": _index(rooms)}


def _public(name: str) -> str:
    """The page of what people call."""
    own = [one for one in public_names().values() if one.rpartition(".")[0] == name]
    listed = ".. autosummary::\n   :nosignatures:\n\n" + "".join(f"   {one.rpartition('.')[2]}\n" for one in own)
    described = "".join(map(_object, own))
    body = f"{_automodule(name, all_shown=True)}{listed}\n{described}"
    return _titled(PUBLIC[name].replace("`", "``"), "=") + body


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


def _module(name: str) -> str:
    """A section on a module, without what is public."""
    values = vars(import_module(name)).items()
    own = [public_names()[id(value)] for one, value in values if _is_own(value, name) and id(value) in public_names()]
    refs = ", ".join(f":py:obj:`{one}`" for one in own)
    return (
        _titled(f"``{name}``", "-") + _automodule(name) + (f"Public, and described there: {refs}.\n\n" if refs else "")
    )


def _is_own(value: object, module: str) -> bool:
    return _is_object(value) and getattr(value, "__module__", "") == module


def _automodule(name: str, all_shown: bool = False) -> str:
    """What a module says of itself, and what it defines that is not public."""
    module = import_module(name)
    values = [(one, value) for one, value in vars(module).items() if _is_object(value)]
    public = sorted(one for one, value in values if id(value) in public_names())
    options = ["   :members:", "   :ignore-module-all:", "   :show-inheritance:"]
    options += [f"   :exclude-members: {', '.join(public)}"] if public else []
    after = ""
    if all_shown and hasattr(module, "__path__"):
        options = ["   :no-members:"]
    if name in namesakes():  # Sphinx can know the function alone by this name
        options = ["   :no-members:", "   :no-index:"]
        own = [one for one, value in values if one[0] != "_" and one not in public and _is_own(value, name)]
        after = f".. py:currentmodule:: {name}\n\n" + "".join(_object(f"{name}.{one}") for one in own)
    return "\n".join([f".. automodule:: {name}", *options]) + "\n\n" + after


def _titled(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}\n\n"


def _index(rooms: list[str]) -> str:
    public = "\n".join(f"   {name}" for name in PUBLIC)
    inside = "\n".join(f"   modules/{room}" for room in rooms)
    return (
        _titled("Reference", "=")
        + "What programs call, each with an example that the tests run:\n\n.. toctree::\n   :maxdepth: 1\n\n"
        + public
        + "\n\nAll other modules, for those who read or change the code:\n\n.. toctree::\n   :maxdepth: 1\n\n"
        + inside
        + "\n\n:ref:`genindex` has every name.\n"
    )
