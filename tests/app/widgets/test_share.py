"""Links to a view."""

import io

import pandas as pd
import pytest
import streamlit as st
from page_helpers import ROOT, clean, given_to
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app import state
from app.vendor import published_modules
from app.widgets import export_menu
from app.widgets.open_on_page import TARGETS
from app.widgets.share import link_of


@pytest.mark.parametrize(
    ("parameters", "link"),
    [
        ({}, "http://hall.local/sample"),
        ({"model": ["gamma-2.5"], "seed": ["3"]}, "http://hall.local/sample?model=gamma-2.5&seed=3"),
        ({"classes": ["frog", "car"]}, "http://hall.local/sample?classes=frog&classes=car"),
        ({"show": ["Morph over γ"]}, "http://hall.local/sample?show=Morph+over+%CE%B3"),
    ],
)
def test_a_link_has_the_parameters_of_the_view_and_no_older_ones(parameters, link):
    assert link_of("http://hall.local/sample", parameters) == link
    assert link_of("http://hall.local/sample?model=gamma-1", parameters) == link


def test_a_view_with_a_photo_has_a_link_without_it_and_one_with_it_in_the_place_of_a_code(monkeypatch):
    def page() -> None:
        from app.widgets import share

        share._show_link()

    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.url", property(lambda context: "http://hall.local/a"))
    at = AppTest.from_function(page)
    monkeypatch.setattr(state, "_person", lambda: "me")
    token = "own-" + "a" * 4000
    at.query_params.update(image=state.name_of(token), seed="3", stage="true")  # others begin off the stage
    at.run()
    assert not at.exception and at.code[0].value == "http://hall.local/a?seed=3"
    at.radio[0].set_value(True).run()
    assert not at.exception and at.code[0].value == f"http://hall.local/a?image={token}&seed=3"
    assert "too long for a QR code" in at.caption[-1].value
    monkeypatch.setattr(state, "_person", lambda: "somebody else")
    at.run()  # as with the address of another person's browser
    assert not at.exception and at.code[0].value == "http://hall.local/a?seed=3" and not at.radio


@pytest.mark.parametrize("label", TARGETS)
def test_the_menu_of_a_test_image_opens_every_page_on_it(no_data, label):
    file, value, more = TARGETS[label]
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300)
    clean(page.switch_page("views/explore.py").run())
    next(b for b in page.button if b.label == label).click().run()
    clean(page.switch_page(file).run())  # where Streamlit has switched by itself, the test has to follow
    assert page.session_state[value.name].startswith("sample-")
    assert page.session_state["tab"] == more["tab"]


def test_tables_name_the_library_that_made_them():
    table = pd.read_csv(io.BytesIO(export_menu.csv_bytes({"model": "a", "x": [1, 2]}, {"model": "b", "x": [3]})))
    assert table.columns.tolist() == ["model", "x", "library"] and len(table) == 3
    assert set(table["library"]) == {f"ibinn_core {ib.__version__}"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_a_table_is_a_formula(name):
    head, row = export_menu.csv_bytes({name: [-2.5], "class": [name]}).decode().splitlines()
    assert head.startswith(f"'{name},class") and row.startswith(f"-2.5,'{name},")


@pytest.mark.parametrize("base", ["", "/explorer/"])
def test_the_menu_tells_the_browser_what_to_save_and_where_its_scripts_are(monkeypatch, base):
    def menu() -> None:
        from app.widgets.export_menu import export_menu

        export_menu("figure", chart="all", title="γ = 1", csv=lambda: b"a,b\n", moving="two")

    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else option(name))
    data = given_to("export_menu", clean(AppTest.from_function(menu, default_timeout=300).run()))
    assert data["chart"] == "all" and data["kinds"] == ["png", "svg", "gif"] and data["moving"] == "two"
    assert data["modules"] == f"{base.rstrip('/')}/app/static/vendor/{published_modules()}/figure/"
