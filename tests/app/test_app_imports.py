"""Which module of the app imports which: no circle, figures on their own, and nothing imports a page."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "app").rglob("*.py")}
#: From the bottom to the top: a module imports from its own folder and from those of earlier lines.
LAYERS = """desk palette move_text play_text reading state vendor
figures
answer widgets
inference
models
images
results controls latent_space moves
panel page
playground
panels
lessons
site
notebook
views old_addresses main""".splitlines()


def imports_of(path: Path) -> set[str]:
    """What a file imports, at its top or in a function; ``a.b`` and ``a`` for ``from a import b``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            source = ".".join([*inside, *filter(None, [node.module])])
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return found


#: The imports of each module of the app, and of these the app's own.
IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}
GRAPH = {name: imported & MODULES.keys() for name, imported in IMPORTS.items()}


def layer_of(name: str) -> int:
    return next(i for i, folders in enumerate(LAYERS) if name.split(".")[1] in folders.split())


def test_no_circle():
    assert "app.palette" in GRAPH["app.figures.bayes"] and len(GRAPH) > 50
    TopologicalSorter(GRAPH).prepare()  # raises a CycleError


def test_figures_import_nothing_of_the_app_but_the_palette():
    for name in (name for name in MODULES if name.startswith("app.figures")):
        ours = {other for other in IMPORTS[name] if other.split(".")[0] == "app"}
        assert all(other.startswith(("app.figures", "app.palette")) for other in ours), f"{name} imports {ours}"


def test_no_arrow_runs_up_or_leads_to_a_page():
    for name, imported in GRAPH.items():
        for other in imported:
            up = layer_of(other) > layer_of(name) or other.startswith("app.views")
            assert not up, f"{name} imports {other}"
