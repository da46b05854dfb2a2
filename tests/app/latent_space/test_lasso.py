"""Images that were lassoed on the latent page: under every model, in every mode, until they are let go."""

import csv
import io

import numpy as np
import pytest
from page_helpers import GENERATIVE, clean, figures, pick

import ibinn_core as ib
from app.latent_space.chosen import some_rows
from app.latent_space.selection_panel import selection_csv, selection_table
from ibinn_core.data.images import rows_of

ROWS = list(range(0, 400, 10))
PANELS = [c.id for c in GENERATIVE if c.id in ("gamma-0.02", "gamma-1", "only-ly")]


def drawn(figure) -> list:
    """The traces of test images."""
    return [trace for trace in figure.data if trace.customdata is not None]


def lit_rows(traces) -> list[int]:
    """The rows that stand out in them."""
    strong = [np.broadcast_to(t.marker.opacity, len(t.customdata)) > 0.9 for t in traces]
    return sorted(np.concatenate([np.asarray(t.customdata)[s] for t, s in zip(traces, strong, strict=True)]).tolist())


def is_dimmed(traces) -> bool:
    return any(np.min(t.marker.opacity) < 0.2 for t in traces if len(t.customdata))


@pytest.fixture
def lassoed(open_page, no_data):
    """The page with one model, some of whose images are lassoed, after a rerun: then nothing is picked any more."""
    page = open_page("latent", model="gamma-1")
    assert not is_dimmed(drawn(figures(page)[0]))
    pick(page, "cloud-figure", *ROWS)
    assert is_dimmed(drawn(figures(clean(page.run()))[0]))
    return clean(page.run())


def test_a_lasso_dims_all_other_images_also_when_classes_are_hidden(lassoed):
    traces = drawn(figures(lassoed)[0])
    assert lit_rows(traces) == ROWS
    assert all(np.min(trace.marker.opacity) < 0.2 for trace in traces)
    lassoed.get_by_key("drawn").set_value(["cat", "dog"])
    lassoed = clean(lassoed.run())
    labels = next(c for c in GENERATIVE if c.id == "gamma-1").latent["labels"]
    assert lit_rows(drawn(figures(lassoed)[0])) == [row for row in ROWS if labels[row] in (3, 5)]


@pytest.mark.slow
def test_a_lasso_stays_when_the_model_or_the_colour_changes(lassoed):
    gamma_1, other = (next(c for c in GENERATIVE if c.id == id) for id in ("gamma-1", "only-ly"))
    there = sorted(rows_of(other.latent["hashes"], gamma_1.latent["hashes"][ROWS]))
    lassoed.session_state["model"] = "only-ly"
    lassoed = clean(lassoed.run())
    assert lit_rows(drawn(figures(lassoed)[0])) == there
    lassoed.get_by_key("color").set_value("Mistakes")
    lassoed = clean(lassoed.run())
    mistakes = lit_rows(drawn(figures(lassoed)[0]))
    assert mistakes and set(mistakes) < set(there)
    lassoed.session_state["model"] = "gamma-1"
    lassoed.get_by_key("color").set_value("Class")
    lassoed = clean(lassoed.run())
    assert lit_rows(drawn(figures(lassoed)[0])) == ROWS


@pytest.mark.slow
def test_a_lasso_goes_along_into_the_panels_and_the_morph(lassoed):
    lassoed.session_state["model"], lassoed.session_state["models"] = PANELS[0], PANELS[1:]
    lassoed.get_by_key("show").set_value("Side by side")
    lassoed = clean(lassoed.run())
    traces = drawn(figures(lassoed)[0])
    assert len(traces) == 10 * len(PANELS)
    for index in range(len(PANELS)):
        assert len(lit_rows(traces[10 * index : 10 * index + 10])) == len(ROWS)
    assert sum("| **" in line for m in lassoed.markdown for line in m.value.split("\n")) == len(PANELS)
    lassoed.get_by_key("show").set_value("Morph over γ")
    lassoed = clean(lassoed.run())
    clouds = [t for t in figures(lassoed)[0].data if t.name]
    assert [t.name for t in clouds][0] == "not lassoed" and sum(len(t.x) for t in clouds[1:]) == len(ROWS)
    assert any(f"Large: the {len(ROWS)} images that you lassoed" in c.value for c in lassoed.caption)
    lassoed.get_by_key("show").set_value("One model")
    lassoed = clean(lassoed.run())
    assert lit_rows(drawn(figures(lassoed)[0])) == ROWS


@pytest.mark.slow
def test_a_lasso_in_one_panel_lights_the_same_images_up_in_all(open_page, no_data):
    page = open_page("latent", show="Side by side", models=",".join(PANELS))
    rows = drawn(figures(page)[0])[0].customdata[:20]
    pick(page, "panels-figure", *rows)
    traces = drawn(figures(clean(page.run()))[0])
    first = next(c for c in GENERATIVE if c.id == PANELS[0]).latent
    for index in range(len(PANELS)):
        panel = traces[10 * index : 10 * index + 10]
        assert lit_rows(panel) == sorted(rows)
        labels = [k for k, trace in enumerate(panel) for _ in lit_rows([trace])]
        assert sorted(labels) == sorted(first["labels"][rows])


@pytest.mark.slow
def test_a_click_on_one_image_lifts_the_lasso_and_so_does_the_button(lassoed):
    pick(lassoed, "cloud-figure", 7)
    page = clean(lassoed.run())
    assert not is_dimmed(drawn(figures(page)[0]))
    assert any("A test image" in m.value for m in page.markdown)
    pick(page, "cloud-figure", *ROWS)
    page = clean(page.run())
    assert any(f"**{len(ROWS)} test images**" in m.value for m in page.markdown)
    page = clean(page.get_by_key("forget-lasso").click().run())
    assert not is_dimmed(drawn(figures(page)[0]))
    assert not any("test images**" in m.value for m in page.markdown)


def test_the_table_and_the_csv_say_what_each_model_makes_of_the_images():
    rows, models = np.array(ROWS), [GENERATIVE[0], GENERATIVE[-1]]
    found = list(csv.DictReader(io.StringIO(selection_csv(models, rows).decode())))
    assert len(found) == 2 * len(rows)
    for checkpoint, part in zip(models, (found[: len(rows)], found[len(rows) :]), strict=True):
        latent = checkpoint.latent
        wanted = {f"{h:016x}" for h in models[0].latent["hashes"][rows]}
        own = [i for i, h in enumerate(latent["hashes"]) if f"{h:016x}" in wanted]
        assert {row["image"] for row in part} == wanted and {row["model"] for row in part} == {checkpoint.id}
        wrong = (latent["posterior"][own].argmax(1) != latent["labels"][own]).mean()
        bits = ib.bits_per_dim(latent["log_prob"][own].astype(float), 3072, checkpoint.noise)
        assert np.mean([row["class"] != row["prediction"] for row in part]) == pytest.approx(wrong)
        assert np.median([float(row["bits_per_dim"]) for row in part]) == pytest.approx(np.median(bits), abs=1e-4)
        line = selection_table(models, rows).split("\n")[2 + models.index(checkpoint)]
        shown = [f"{wrong:.1%}"] if checkpoint.gamma != 0 else []
        assert [cell.strip() for cell in line.split("|")[2:3]] == (shown or ["–"])
        assert f"{np.median(bits):.2f}" in line


def test_lassoed_images_are_drawn_whichever_others_are():
    rows = some_rows(10_000, 50, np.array([3, 9_999]))
    assert {3, 9_999} <= set(rows.tolist()) and 50 <= len(rows) <= 52 and (np.diff(rows) > 0).all()
    assert len(some_rows(10_000, 50, np.arange(10_000))) <= 100  # a browser must bear it
