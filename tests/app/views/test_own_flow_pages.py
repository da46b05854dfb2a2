"""Every page on flows of FrEIA, normflows and zuko; a page says what it cannot show for them."""

import pytest
from own_flow_helpers import EXAMPLES, NAMES, made_examples, name_files
from page_helpers import clean, figures, text_of
from url_helpers import PARAMETERS

from app.images import pictures


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
def test_every_page_shows_it_or_says_that_it_cannot(open_page, own_flows, page, name):
    shown = clean(open_page(page, model=f"small-digits-{name}"))
    assert not shown.warning
    if page == "lessons":
        assert "This lesson needs models that are not here: gamma-1" in shown.info[0].value
    elif page != "playground":
        assert shown.session_state["model"] == f"small-digits-{name}" and shown.get("bidi_component")
        assert f"{name}_flow" in text_of(shown) + str(figures(shown))
    for tab in {"explore": ("move",), "results": ("tables", "disagreement"), "test_image": ("corrupt",)}.get(page, ()):
        clean(open_page(page, tab=tab, corruption="Attack", model=f"small-digits-{name}"))
