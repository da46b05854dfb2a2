"""Every panel: it opens, whatever its link says, fills the stage, and exports what it shows and the program for it.

``make snapshots`` writes ``panels.json`` anew, the words and numbers of each panel.
"""

import json
import os
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from grid_helpers import mostly_slow
from page_helpers import ROOT, alts, clean, figures, grids, planes, rows_of, shown_figures, text_of, tiles
from url_helpers import PARAMETERS, parameters_of

from app import panels, state
from app.images.handwriting import DRAWINGS, to_text
from app.lessons.course import LESSONS
from app.old_addresses import OLD

SNAPSHOTS = Path(__file__).with_name("panels.json")
FIRST = 12  # of many numbers
CAT = "d3b70ceb5b719475"  # a test image
STROKES = to_text(DRAWINGS["the letter W"])
#: Each panel with a link to it; every value must stay in the address.
LINKS = {
    ("start", ""): {"model": "gamma-0.02", "image": "sample-3"},
    ("playground", ""): {"play": "spiral~classes:3~a:ib:10", "painted": "abcDEF"},
    ("lessons", ""): {"lesson": "bayes", "step": "reveal", "guess": "60"},
    ("results", "trade-off"): {"paper": "true", "model": "only-ly"},
    ("results", "tables"): {"columns": "Detection out of distribution"},
    ("results", "calibration"): {"left": "gamma-0.02", "right": "resnet", "binning": "Top label"},
    ("results", "detection"): {"data": "mnist", "left": "mnist-gamma-0.02", "right": "mnist-resnet"},
    ("results", "disagreement"): {"left": "gamma-0.02", "right": "resnet", "answers": "33"},
    ("explore", "look"): {"models": "gamma-1,only-ly", "view": "pca", "color": "mistakes", "drawn": "car,ship"},
    ("explore", "move"): {"data": "mnist", "moves": "slant:2~to:3:0.5"},
    ("explore", "walk"): {"first": "sample-3", "second": "sample-5", "steps": "5", "beside": "vib-1,resnet"},
    ("explore", "sample"): {"classes": "cat,frog", "seed": "5", "temperature": "1", "center": "mean", "tile": "frog-3"},
    ("test_image", "write"): {"strokes": STROKES, "model": "mnist-only-lx"},
    ("test_image", "judge"): {"models": "gamma-0.02,gamma-1", "image": "sample-5", "beside": "vib-1,resnet"},
    ("test_image", "corrupt"): {
        "corruption": "Noise",
        "amplitude": "0.2",
        "axes": "Plane of the means",
        "image": "sample-2",
    },
}
#: More views, of which only the words and numbers are compared.
MORE = {
    "the trade-off of digits": ("results", {"data": "mnist", "paper": "true"}),
    "Table 2": ("results", {"data": "cifar100", "tab": "tables"}),
    "detection by models of photographs": ("results", {"tab": "detection"}),
    "an image that both take for a cat": ("results", {"tab": "disagreement", "answers": "33", "judged": CAT}),
    "mistakes": ("explore", {"color": "mistakes"}),
    "UMAP and a test image": ("explore", {"view": "umap", "point": CAT}),
    "an image in the plane": ("explore", {"add": "true", "mine": "sample-5"}),
    "between trained models": ("explore", {"model": "gamma-9.5"}),
    "superclasses": ("explore", {"data": "cifar100", "color": "superclass", "drawn": "people,bee"}),
    "samples of a superclass": ("explore", {"data": "cifar100", "tab": "sample", "classes": "fish,people,bee"}),
    "samples beyond white": ("explore", {"tab": "sample", "model": "gamma-35.65", "temperature": "1"}),
    "colours that turn": ("test_image", {"tab": "corrupt", "image": "sample-2", "beside": "vib-1"}),
    "a digit that fades": ("test_image", {"tab": "corrupt", "data": "mnist", "corruption": "Blend"}),
    "the first sample that fades": ("test_image", {"tab": "corrupt", "image": "sample-0", "corruption": "Blend"}),
    **{f"the question of {name}": ("lessons", {"lesson": name}) for name in LESSONS},
    **{
        f"the answer of {name}": ("lessons", {"lesson": name, "step": "reveal", "guess": ",".join(one.options) or "60"})
        for name, one in LESSONS.items()
    },
}
VIEWS = {"-".join(panel): (panel[0], {"tab": panel[1], **query}) for panel, query in LINKS.items()} | MORE
JUDGED = ("walk", "sample", "write", "judge", "corrupt")  # panels whose tables have a posterior a row
NONSENSE = {"cifar10": "nan", "cifar100": "9" * 5000, "mnist": "![](http://a.b/c)"}


@pytest.fixture
def open_panel(open_page, no_data):
    """Opens a panel by its page and its tab."""

    def run(panel: tuple[str, str], **query: str):
        name, tab = panel
        return clean(open_page(name, **({"tab": tab} if tab else {}), **query))

    return run


def shown(page) -> set[str]:
    return {*shown_figures(page), *grids(page), *planes(page)}


def in_url(page) -> dict[str, str]:
    return {name: value[-1] if isinstance(value, list) else value for name, value in page.query_params.items()}


def test_every_parameter_is_known():
    assert len({value.name for value in state.VALUES}) == len(state.VALUES)
    named = {value.name for value in state.VALUES if value.place != "session"}
    assert named - {"stage"} <= {name for page in PARAMETERS for name in parameters_of(page)}, "url_helpers.py"


def test_each_panel_has_a_link():
    modules = [import_module(f"app.panels.{module.name}") for module in pkgutil.iter_modules(panels.__path__)]
    keys = {module.PANEL.key for module in modules if hasattr(module, "PANEL")}
    assert keys == {tab or page for page, tab in LINKS} - {"playground", "lessons"}


@pytest.mark.parametrize("data", mostly_slow(NONSENSE))
@pytest.mark.parametrize("panel", LINKS, ids="-".join)
def test_nonsense_in_a_link_opens_the_panel_as_it_is_without(open_panel, panel, data):
    plain = open_panel(panel, data=data)
    means_nothing = {"data", "tab", "notes"} | ({"lesson"} if panel[0] == "lessons" else set())
    nonsense = dict.fromkeys(set(parameters_of(panel[0])) - means_nothing, NONSENSE[data])
    page = open_panel(panel, data=data, **nonsense)
    assert text_of(page) == text_of(plain) and alts(page) == alts(plain) and shown(page) == shown(plain)
    for key, grid in grids(page).items():
        assert np.array_equal(grid["images"], grids(plain)[key]["images"])
    if panel[1]:
        assert page.segmented_control(key="tab").value == panel[1]
        assert open_panel((panel[0], "nonsense")).segmented_control(key="tab").value in {tab for _, tab in LINKS}


def summary(page) -> list:
    """The lines with numbers, figures, images and dots of a page, of many numbers the first ones, as JSON has it."""
    said = [line for line in text_of(page).splitlines() if re.search(r"\d", line)]
    html = re.sub(
        r"<style>.*?</style>|<[^>]*>", " ", "".join(one.proto.body for one in page.main.get("html")), flags=re.S
    )
    said.append(" ".join(re.findall(r"(?<![#\w.])\d+(?:[.,]\d+)*", html)))
    parts = [[one[name] for name in ("x", "y", "text") if name in one] for f in figures(page) for one in f.data]
    shown = [[None if part is None else np.asarray(part).ravel()[:FIRST].tolist() for part in one] for one in parts]
    strips = [tiles(one).mean((0, 1)) for one in figures(page) if any(part.type == "image" for part in one.data)]
    images = [
        [one["heading"], one["rows"], one["marks"][:FIRST], one["chosen"], one["images"].mean((1, 2, 3))[:FIRST]]
        for one in grids(page).values()
    ]
    dots = [[one["names"][:FIRST], one.get("star"), one.get("ring"), *dots_of(one)] for one in planes(page).values()]
    return json.loads(json.dumps([said, alts(page), *shown, *strips, *images, *dots], default=list))


def dots_of(plane: dict) -> list:
    """How many dots each group of a plane has, and the places of the first."""
    groups = np.unique_counts(plane["groups"])
    return [groups.values[:FIRST].tolist(), groups.counts[:FIRST].tolist(), plane["places"].ravel()[:FIRST].tolist()]


def words_and_numbers(kept: list) -> tuple[str, list[float]]:
    number = r"-?\d[\d,]*\.?\d*(?:e-?\d+)?"
    text = json.dumps(kept, ensure_ascii=False)
    return re.sub(number, "#", text), [float(one.replace(",", "")) for one in re.findall(number, text)]


@pytest.mark.parametrize("name", mostly_slow(VIEWS, *map("-".join, LINKS)))
def test_a_link_opens_its_view_as_it_was_and_stays_in_the_address(open_page, no_data, name):
    at, query = VIEWS[name]
    page = clean(open_page(at, **query))
    kept = json.loads(SNAPSHOTS.read_text("utf-8"))
    if os.environ.get("SNAPSHOTS") == "write":
        kept[name] = summary(page)
        lines = (f"{json.dumps(one)}: {json.dumps(kept[one], ensure_ascii=False)}" for one in VIEWS if one in kept)
        SNAPSHOTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    (words, numbers), wanted = words_and_numbers(summary(page)), words_and_numbers(kept[name])
    assert words == wanted[0] and numbers == pytest.approx(wanted[1], rel=0.02, abs=0.02)
    assert query.items() - {("tab", query.get("tab"))} <= in_url(page).items()
    again = clean(open_page(at, **{"tab": query.get("tab", ""), **in_url(page)}))
    assert text_of(again) == text_of(page) and alts(again) == alts(page)


@pytest.mark.parametrize("panel", [panel for panel in LINKS if panel[0] not in ("playground", "lessons")], ids="-".join)
def test_on_stage_what_a_panel_draws_is_alone_and_large(open_panel, panel):
    page = open_panel(panel, **LINKS[panel])
    before = shown(page)
    page.session_state["stage"] = True  # which app/main.py takes from the URL
    clean(page.run())
    assert shown(page) <= before and not any("####" in one.value for one in page.markdown)
    assert shown(page) or page.get("bidi_component")
    axes = [axis for one in figures(page) for axis in (one.layout.xaxis, one.layout.yaxis)]
    assert panel[0] != "results" or min([24, *(axis.tickfont.size for axis in axes)]) >= 24


@pytest.mark.parametrize("panel", [panel for panel in LINKS if panel[1]], ids="-".join)
def test_the_program_of_a_panel_gives_what_it_draws_and_what_its_table_has(open_panel, exported, panel):
    page = open_panel(panel, **LINKS[panel])
    tab, names = panel[1], {}
    exec(compile(exported[tab]["python"], "the same in Python", "exec"), names)
    answers = [answer for name, answer in names.items() if name.startswith("answer_")]
    rows = rows_of(exported, tab)
    assert sum(len(one.table()) for one in answers if hasattr(one, "table")) == len(rows)
    drawn = [image for one in answers for image in getattr(one, "shown", [])]
    if drawn and grids(page):
        on_page = np.concatenate([grid["images"] for grid in grids(page).values()])
        assert np.abs(np.stack(drawn).astype(int) - on_page).max() <= 1
    assert bool(exported[tab]["chart"]) == (tab != "tables")
    own = {tuple(row[name] for name in row if name in ("model", "image") or "." in name) for row in rows}
    assert tab not in JUDGED or len(own) == len(rows)
    assert tab != "corrupt" or all(0 <= float(row["image"]) <= float(row["noisy.largest"]) for row in rows)
    for row in rows if tab in JUDGED else ():
        assert sum(float(row[name]) for name in row if name.startswith("posterior_")) == pytest.approx(1, abs=1e-4)
        assert row["model"] not in ("resnet", "vib-1") or row["bits_per_dim"] == row["log_prob"] == "nan"


@pytest.mark.slow
@pytest.mark.parametrize(("at", "tab"), [("test_image", "judge"), ("explore", "look")])
def test_a_program_runs_where_there_is_no_page(open_panel, exported, at, tab, tmp_path):
    open_panel((at, tab), model="gamma-4.5")
    said = "\nprint([one for one in globals().values() if hasattr(one, 'posterior')][0].posterior[0].argmax())"
    (tmp_path / "program.py").write_text(exported[tab]["python"] + said)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "IBINN_PROCESSES": ""}
    found = subprocess.run([sys.executable, tmp_path / "program.py"], capture_output=True, text=True, env=env)
    assert found.returncode == 0 and 0 <= int(found.stdout.split()[-1]) < 10 and not found.stderr, found.stderr


@pytest.mark.parametrize(
    ("address", "query", "becomes"),
    [
        ("trade-off", {"part": "Calibration", "left": "a"}, {"tab": "calibration", "left": "a"}),
        ("trade-off", {"part": "Curve", "model": "gamma-1"}, {"model": "gamma-1"}),
        ("table-1", {"columns": "x"}, {"columns": "x", "tab": "tables"}),
        ("latent", {"view": "UMAP", "color": "Mistakes", "show": "x"}, {"tab": "look", "view": "umap"}),
        ("interpolate", {"from": "sample-1", "models": "a"}, {"first": "sample-1", "models": "a", "tab": "walk"}),
        ("sample", {"source": "From the mixture", "seed": "3"}, {"tab": "sample", "center": "mean", "seed": "3"}),
        ("sample", {"source": "Around the class's images"}, {"tab": "sample"}),
        ("inspect", {"image": "sample-1"}, {"tab": "judge", "image": "sample-1"}),
        ("draw", {"writer": "mnist-only-ly", "strokes": "A1ka"}, {"model": "mnist-only-ly", "strokes": "A1ka"}),
        ("draw", {"start": "w"}, {"strokes": STROKES}),
        ("draw", {"start": "0"}, {"tab": "judge", "data": "mnist", "image": "sample-3"}),
        ("out-of-distribution", {"turn": "180°", "levels": "16/256"}, {"tab": "corrupt", "angle": "180"}),
    ],
)
def test_addresses_of_the_release_before_open_the_same_view(address, query, becomes):
    _, lead = OLD[address]
    found = lead(query)
    assert becomes.items() <= found.items() and len(found) <= len(query) + 2
