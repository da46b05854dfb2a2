"""Sample: what is out of the range of pixels, and what a click shows."""

import numpy as np
from page_helpers import clean, figures, shown_figures, text_of, tiles

CHOOSE = "click: what the model makes of it"


def grid(page):
    return next(figure for figure in figures(page) if figure.data[0].type == "image")


def white(page) -> float:
    canvas = tiles(grid(page))
    return float((canvas[canvas[..., 3] == 255][:, :3] == 255).mean())


def drawn_at(page) -> list[float]:
    return [page.slider(key=name).value for name in ("temperature", "guidance")]


def on_stage(open_page, **query):
    page = open_page("sample", **query)
    page.session_state["stage"] = True  # which app/main.py takes from the URL
    return clean(page.run())


def test_samples_beyond_white_are_scaled_and_say_how_far_they_reach(open_page, no_data):
    page = clean(open_page("sample", model="gamma-35.65", classes=["cat", "frog"], temperature="1.0"))
    assert "20 of the 20 samples are mostly outside of black (0) to white (1)" in text_of(page)
    written = grid(page).data[1].texttemplate
    assert len(written) == 20 and all(float(text.removesuffix("×")) > 2 for text in written)
    assert all("scaled: its values reach" in text for text in grid(page).data[1].text)
    assert white(page) < 0.1


def test_samples_in_range_are_shown_as_they_are(open_page, no_data):
    page = clean(open_page("sample", model="gamma-1", classes="cat"))
    assert "mostly outside" not in text_of(page)
    assert grid(page).data[1].texttemplate is None


def test_from_the_mixture_guidance_waits_for_the_images(open_page, no_data):
    page = clean(open_page("sample", model="gamma-35.65", source="From the model's own mixture"))
    assert drawn_at(page) == [0.85, 1.4] and page.slider(key="guidance").disabled


def test_on_stage_a_click_shows_the_sample_beside_the_grid(open_page, no_data):
    page = on_stage(open_page, model="gamma-1", classes=["cat", "frog"])
    assert all(CHOOSE in text for text in grid(page).data[1].text) and "Drawn as" not in text_of(page)
    page = on_stage(open_page, model="gamma-1", classes=["cat", "frog"], tile="frog-3")
    column = next(c for c in page.columns if any("Drawn as **frog**" in m.value for m in c.markdown))
    assert len(column.get("bidi_component")) == 1 and "one-gamma-1" in shown_figures(page)


def test_on_stage_several_grids_promise_no_click(open_page, no_data):
    page = on_stage(open_page, model="gamma-1", models="gamma-0.02,gamma-1", classes="cat")
    assert not any(CHOOSE in text for text in grid(page).data[1].text)
    assert shown_figures(page)["samples-0"]["selects"] == []


def test_digits_on_black_are_not_taken_for_out_of_range(open_page, no_data):
    page = clean(open_page("sample", data="mnist", model="mnist-gamma-1", classes="3"))
    assert "mostly outside" not in text_of(page)
    assert np.mean(tiles(grid(page))[..., :3] == 0) > 0.2
