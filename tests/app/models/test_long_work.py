"""Long work on a page: a button, how far it is, another button to end it; with a UMAP that takes no time."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from page_helpers import clean, figures, text_of
from waiting_helpers import until

import ibinn_core as ib
from app.images.pictures import sample
from app.inference.jobs import Jobs
from app.models import asking, long_work, registry
from app.models.predictions import latents_of
from ibinn_core.checkpoint.latent_format import view

QUICK_UMAP = Path(__file__).resolve().parents[2] / "core" / "helpers" / "quick_umap"
BUTTON = "umap-gamma-1-button"


@pytest.fixture
def jobs(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(QUICK_UMAP) + os.pathsep + os.environ.get("PYTHONPATH", ""))
    made = Jobs(asking.RESULTS, patience=300)  # no browser is here that says that somebody waits
    monkeypatch.setattr(long_work, "JOBS", made)
    yield made
    made.close()


@pytest.fixture
def page(no_data, jobs, open_page):
    return clean(open_page("latent", model="gamma-1", view="UMAP", add="true"))


def stars(page) -> list:
    return [trace for trace in figures(page)[0].data if trace.marker.symbol == "star"]


def test_without_umap_a_line_says_what_is_needed(no_data, open_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    page = clean(open_page("latent", model="gamma-1", view="UMAP", add="true"))
    assert [one.value for one in page.info if "pip install umap-learn" in one.value] and not stars(page)
    assert not [one for one in page.button if one.key == BUTTON]


def test_an_own_image_is_placed_by_umap_in_the_process_for_long_work(page, jobs):
    assert not stars(page) and not jobs._jobs
    clean(page.button(key=BUTTON).click().run())
    until(lambda: not jobs._jobs)
    (star,) = stars(clean(page.run()))
    z = latents_of("gamma-1", sample(3).pixels[None])  # what the page begins with
    expected = ib.exploration.project(z, view(registry.by_id("gamma-1").latent, "pca"))[0, :2]
    assert np.allclose([star.x[0], star.y[0]], expected, atol=1e-5)


def test_while_it_is_computed_the_page_says_so_and_can_end_it(page, jobs):
    first = jobs.ask("somebody else", "long", "time:sleep", 600)
    until(lambda: first.state == "running")
    clean(page.button(key=BUTTON).click().run())
    assert "1 person is before you" in text_of(page)
    (job,) = (job for job in jobs._jobs if job is not first)
    clean(page.button(key="umap-gamma-1-cancel").click().run())
    assert job.state == "cancelled" and first.state == "running"
    assert "before you" not in text_of(clean(page.run()))


def test_what_goes_wrong_is_said_and_not_tried_again_by_itself(page, jobs, monkeypatch):
    monkeypatch.setattr(jobs, "_limit", 0.01)
    page.button(key=BUTTON).click().run()
    until(lambda: not jobs._jobs)
    page.run()
    assert "was stopped" in page.warning[0].value and not jobs._jobs
    monkeypatch.setattr(jobs, "_limit", 300.0)
    page.button(key=BUTTON).click().run()
    until(lambda: not jobs._jobs)
    assert stars(clean(page.run()))
