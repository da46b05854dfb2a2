"""Links to a view."""

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.widgets.share import link_of, qr_svg


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


def test_a_link_that_no_qr_code_can_hold_has_none():
    """The same with a user's photo."""
    link = "http://hall.local/inspect?image=own-"
    assert qr_svg(link + "a" * 1000) and qr_svg(link + "a" * 4000) is None


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
