"""Which module of the app imports which: no circle, figures on their own, and nothing imports a page."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "app").rglob("*.py")}
#: From the bottom to the top: a module imports from its own folder and from those of earlier lines.
LAYERS = (
    *(
        "palette glossary move_text play_text state vendor",
        "figures",
        "widgets",
        "inference",
        "models",
        "drawn",
        "images",
    ),
    *(
        "latent_space corruption judgement table1 tradeoff sampling walks moves playground",
        "lessons",
        "site",
        "notebook",
        "warming housekeeping",
        "views main",
    ),
)


def imports_of(path: Path) -> set[str]:
    """What a file imports, at its top or in a function; ``a.b`` and ``a`` for ``from a import b``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}
GRAPH = {name: imported & MODULES.keys() for name, imported in IMPORTS.items()}


def layer_of(name: str) -> int:
    return next(i for i, folders in enumerate(LAYERS) if name.split(".")[1] in folders.split())


def test_the_graph_is_that_of_the_app():
    assert "app.figures.gif.plane" in GRAPH["app.figures.gif.morph"] and "app.palette" in GRAPH["app.figures.tiles"]
    assert "app.models.registry" in GRAPH["app.main"] and len(GRAPH) > 50


def test_no_circle():
    TopologicalSorter(GRAPH).prepare()  # raises a CycleError


def test_figures_import_nothing_of_the_app_but_the_palette():
    for name in (name for name in MODULES if name.startswith("app.figures")):
        ours = {other for other in IMPORTS[name] if other.split(".")[0] == "app"}
        allowed = ("app.figures", "app.palette")
        assert all(other.startswith(allowed) for other in ours), f"{name} imports {ours}"


def test_no_module_imports_a_page():
    assert not any(other.startswith("app.views") for imported in IMPORTS.values() for other in imported)


def test_no_arrow_runs_up():
    for name, imported in GRAPH.items():
        for other in imported:
            assert layer_of(other) <= layer_of(name), f"{name} imports {other}"
