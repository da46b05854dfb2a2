"""Every page on flows of FrEIA, normflows and zuko; a page says what it cannot show for them."""

import shutil

import pytest
from own_flow_helpers import EXAMPLES, NAMES, made_examples, name_files
from page_helpers import clean, figures, text_of
from streamlit.testing.v1 import AppTest
from url_helpers import PARAMETERS

from app.images import pictures
from ibinn_core.models import flow_registry as builders

#: Pages that have nothing to show of digits of 8 x 8 pixels, or of models without γ, and what they say.
SAYS = {
    "lessons": "This lesson needs models that are not here: gamma-1",
}
#: Those that need no model at all.
WITHOUT = ("playground",)
GRID = [(page, name) for page in PARAMETERS for name in NAMES]


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
@pytest.mark.parametrize("page, name", GRID)
def test_every_page_shows_it_or_says_that_it_cannot(open_page, own_flows, page, name):
    shown = clean(open_page(page, model=f"small-digits-{name}"))
    said = text_of(shown) + " ".join(one.value for one in shown.info)
    if page in SAYS:
        assert SAYS[page] in said
        assert "An empty entry in `IBINN_CHECKPOINTS`" in said
    elif page not in WITHOUT:
        assert shown.session_state["model"] == f"small-digits-{name}"
        assert "What to look for" in said or page == "start"
        assert figures(shown) or shown.get("bidi_component")
        assert f"{name}_flow" in said + str(figures(shown))
    assert not shown.warning


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_depends_on_gamma_is_left_out(open_page, own_flows, name):
    for page, query in (
        ("explore", {"tab": "look"}),
        ("explore", {"tab": "move"}),
        ("results", {"tab": "tables"}),
        ("results", {"tab": "calibration"}),
        ("results", {"tab": "disagreement"}),
        ("test_image", {"tab": "corrupt", "corruption": "Attack"}),
        ("test_image", {"tab": "corrupt", "corruption": "Noise", "beside": "small-digits-freia"}),
    ):
        clean(open_page(page, model=f"small-digits-{name}", **query))


@pytest.mark.slow
def test_the_three_are_told_apart_by_their_names(open_page, own_flows):
    page = clean(open_page("explore"))
    assert set(page.pills(key="models").options) == {"freia_flow", "normflows_flow", "zuko_flow"}


@pytest.mark.slow
def test_without_its_builder_each_page_says_what_to_do(made, show_checkpoints, monkeypatch, tmp_path):
    """Shows refused models above every page, as the navigation does."""

    def script():
        from app.models import registry

        registry.show_refused()

    monkeypatch.setattr(builders, "_builders", {})
    monkeypatch.delenv("IBINN_FLOWS", raising=False)
    shutil.copytree(made / "checkpoints", tmp_path / "checkpoints")  # which no other test has had read
    show_checkpoints(tmp_path / "checkpoints")
    page = clean(AppTest.from_function(script, default_timeout=300).run())
    assert len(page.warning) == 3 and all("name it in IBINN_FLOWS" in w.value.replace("\\", "") for w in page.warning)
