"""The files of the export menu that Python makes."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from page_helpers import clean
from PIL import Image
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.vendor import published_modules
from app.widgets import export_menu

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
ENLARGED = PIXELS.repeat(export_menu.ENLARGED, 0).repeat(export_menu.ENLARGED, 1)


def test_a_png_for_print_is_exact_and_says_its_resolution():
    image = Image.open(io.BytesIO(export_menu.png_bytes(PIXELS)))
    assert np.array_equal(np.asarray(image), ENLARGED)
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_a_pdf_of_pictures_is_one_page_of_their_size_at_300_dpi():
    pdf = export_menu.pdf_bytes(PIXELS)
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox \[([^\]]*)\]", pdf)
    height, width = ENLARGED.shape[:2]
    assert [float(x) for x in box[1].split()] == pytest.approx([0, 0, 72 * width / 300, 72 * height / 300])
    picture = Image.open(io.BytesIO(re.search(rb"stream\r?\n(\xff\xd8.*?)\r?\nendstream", pdf, re.DOTALL)[1]))
    assert np.abs(np.asarray(picture).astype(int) - ENLARGED).mean() < 4


def test_tables_and_arrays_name_the_library_that_made_them():
    table = pd.read_csv(io.BytesIO(export_menu.csv_bytes({"model": "a", "x": [1, 2]}, {"model": "b", "x": [3]})))
    assert table.columns.tolist() == ["model", "x", "library"] and len(table) == 3
    assert set(table["library"]) == {f"ibinn_core {ib.__version__}"}
    archive = np.load(io.BytesIO(export_menu.npz_bytes(x=np.arange(3))))
    assert str(archive["library"]) == f"ibinn_core {ib.__version__}" and archive["x"].tolist() == [0, 1, 2]


def _menu():
    import numpy as np

    from app.widgets.export_menu import offer

    offer(
        "figure",
        chart=("one", "two-"),
        title="γ = 1",
        legend=[("■", "#112233", "cat")],
        pictures=lambda: np.zeros((2, 2, 3), np.uint8),
        csv=lambda: b"a,b\n",
    )


@pytest.mark.parametrize("base", ["", "/explorer/"])
def test_the_menu_tells_the_browser_what_to_save_and_where_its_scripts_are(monkeypatch, base):
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else option(name))
    page = clean(AppTest.from_function(_menu, default_timeout=300).run())
    data = json.loads(page.get("bidi_component")[0].proto.json)
    assert data["charts"] == ["one", "two-"] and data["title"] == "γ = 1"
    assert data["legend"] == [["■", "#112233", "cat"]]
    own, vendor = (
        f"{base.rstrip('/')}/app/static/vendor/{published_modules()}/",
        f"{base.rstrip('/')}/app/static/vendor/",
    )
    assert (data["module"], data["vendor"]) == (f"{own}figure/export.js", vendor)
    buttons = [b.proto.label for b in page.get("download_button")]
    assert buttons == ["PDF: figure-images.pdf", "PNG: figure-images.png", "CSV: figure.csv"]
