"""The rooms of the core: which of them import which. Read from the sources, nothing is imported."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Each may import from those before it.
ROOMS = (
    *"files exploration layers models measures places archives data checkpoint weight_space onnx".split(),
    *"evaluation training cli __main__".split(),
)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for path in sorted((ROOT / "ibinn_core").rglob("*.py"))}


def statements(node: ast.AST, inside_functions: bool):
    """All nodes but those under TYPE_CHECKING and, if wanted, those inside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from statements(child, inside_functions)


def imports(module: str, inside_functions: bool = True) -> set[str]:
    """The imports of a module of the core, by full names; a name from a module counts as the module."""
    path, found = FILES[module], set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in statements(ast.parse(path.read_text(encoding="utf-8")), inside_functions):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            named = {f"{source}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else source for name in named}
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_the_rooms_are_all_of_the_core():
    assert {room(module) for module in FILES} - {""} == set(ROOMS)


def test_no_modules_import_one_another():
    graph = {module: imports(module, inside_functions=False) & FILES.keys() for module in FILES}
    TopologicalSorter(graph).prepare()  # a CycleError names a circle


@pytest.mark.parametrize("module", [module for module in FILES if room(module)])
def test_a_module_imports_only_from_rooms_below_it_and_its_own(module):
    allowed = ROOMS[: ROOMS.index(room(module)) + 1]
    own = {name for name in imports(module) if name.split(".")[0] == "ibinn_core"}
    if module == "ibinn_core.cli":
        own -= {"ibinn_core"}  # which has the version
    assert {name for name in own if room(name) not in allowed} == set()


def test_nothing_imports_the_app():
    found = {(module, name) for module in FILES for name in imports(module)}
    assert [one for one in found if one[1].split(".")[0] in ("app", "ibinn_explorer")] == []
