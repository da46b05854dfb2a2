"""Each page, run as Streamlit runs it: without models, with the repository's, and with flows of other libraries."""

import os
import subprocess
import sys

import pytest
from own_flow_helpers import EXAMPLES, NAMES, made_examples, name_files
from page_helpers import ROOT, clean, figures, text_of
from url_helpers import PARAMETERS

from app.images import pictures


def test_no_checkpoint_at_all_says_what_to_do(open_page, show_checkpoints, tmp_path, no_data):
    show_checkpoints(tmp_path / "nowhere")
    page = open_page("explore")
    assert len(page.exception) == 0
    assert "clone the whole repository" in page.error[0].value


@pytest.mark.slow
def test_pages_need_no_torch_where_processes_compute_and_results_need_none_at_all(tmp_path):
    code = """
import sys
from streamlit.testing.v1 import AppTest
for path in ("main.py", *["views/results.py"] * 4):
    page = AppTest.from_file(f"app/{path}", default_timeout=300)
    page.query_params["tab"] = ("trade-off", "tables", "calibration", "disagreement")[len(sys.argv) % 4]
    sys.argv.append("")
    assert not page.run().exception
print({"torch", "sklearn", "umap", "numba"} & {*sys.modules})
"""
    environment = {**os.environ, "IBINN_DATA": str(tmp_path), "IBINN_PROCESSES": "", "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert found.stdout.strip() == "set()", found.stderr


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return made_examples(tmp_path_factory)


@pytest.fixture
def own_flows(made, show_checkpoints, monkeypatch):
    """The app on the three examples, beside their images."""
    show_checkpoints(made / "checkpoints")
    monkeypatch.setenv("IBINN_DATA", str(made))
    name_files(monkeypatch, *(EXAMPLES / f"{name}_flow.py" for name in NAMES))
    pictures.forget()
    yield
    pictures.forget()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("page", PARAMETERS)
def test_every_page_shows_another_librarys_flow_or_says_that_it_cannot(open_page, own_flows, page, name):
    shown = clean(open_page(page, model=f"small-digits-{name}"))
    assert not shown.warning
    if page == "lessons":
        assert "This lesson needs models that are not here: gamma-1" in shown.info[0].value
    elif page != "playground":
        assert shown.session_state["model"] == f"small-digits-{name}" and shown.get("bidi_component")
        assert f"{name}_flow" in text_of(shown) + str(figures(shown))
    for tab in {"explore": ("move",), "results": ("tables", "disagreement"), "test_image": ("corrupt",)}.get(page, ()):
        clean(open_page(page, tab=tab, corruption="Attack", model=f"small-digits-{name}"))
