"""Names in a stranger's files are shown letter by letter: no page has a link, image or tag of theirs."""

import json
import re
import shutil

import pytest
from google.protobuf.json_format import MessageToDict
from hostile_helpers import HOST, REFUSED, TITLE, build_hostile
from page_helpers import ROOT, clean, specs, text_of
from streamlit.testing.v1 import AppTest
from url_helpers import PARAMETERS

from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import checkpoints
from tools import models_table
from tools.model_cards import model_card

#: What a stranger's words would have to look like to mean something: in Markdown, and in a figure.
IN_MARKDOWN = re.compile(rf"(?<!\\)\]\([^)]*{HOST}|(?<!\\)<[a-z][^>]*{HOST}|https?://{HOST}|www\.{HOST}|me@{HOST}")
IN_HTML = re.compile(rf"<(a|img|span style='fill)[^>]*{HOST}")
IN_FIGURES = re.compile(r"<(a|img)\b|<span style='fill|%\{x\} <")
#: What Streamlit shows as plain text, or does not show.
PLAIN = {"alt", "id", "formId", "key", "figureId", "spec", "rawValues", "config", "fileName", "customdata"}
#: Components whose scripts put what they are told into text nodes; what "figure" draws is looked at by itself.
WRITERS = ("export_menu", "figure", "moves", "plane", "playground", "tiles")
LISTS = ("selectbox", "multiselect")  # whose options are plain text


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers") / "checkpoints"
    with pytest.MonkeyPatch.context() as patch:
        build_hostile(folder, patch)
    return folder


@pytest.fixture
def among_strangers(strangers, show_checkpoints, no_data):
    show_checkpoints(strangers)


def texts(values: object, name: str = "") -> list[tuple[str, str]]:
    """Every text in a message's values, with the name of its field."""
    if isinstance(values, dict):
        return [t for key, value in values.items() if key not in PLAIN for t in texts(value, key)]
    if isinstance(values, list):
        return [t for value in values for t in texts(value, name)]
    return [(name, values)] if isinstance(values, str) else []


def shown(page: AppTest) -> list[tuple[re.Pattern, str]]:
    """All texts of a page that Streamlit may read as Markdown or HTML, with the forbidden parts."""
    found, nodes = [], [page._tree]
    while nodes:
        node = nodes.pop()
        nodes += getattr(node, "children", {}).values()
        if getattr(node, "proto", None) is not None:
            values = MessageToDict(node.proto)
            if node.type in LISTS:
                values.pop("options")
            if values.get("componentName") in WRITERS:
                values.pop("json")
            if node.type == "code":  # a program, letter by letter
                continue
            kind = IN_HTML if node.type == "html" else IN_MARKDOWN
            found += [(kind, text) for _, text in texts(values)]
    return found


def texts_of_figures(page: AppTest) -> list[str]:
    """All texts of a page's figures."""
    return [text for spec in specs(page) for _, text in texts(spec)]


@pytest.mark.slow
@pytest.mark.parametrize("data", ["cifar10", "my-shapes"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_no_word_of_a_stranger_means_anything(open_page, among_strangers, name, data):
    variants = {
        "explore": [
            {"add": "true", "color": "mistakes"},
            {"tab": "move"},
            {"tab": "walk"},
            {"tab": "sample", "tile": f"![x](http://{HOST}/image.png)-1"},
        ],
        "test_image": [{"tab": "judge"}, {"tab": "corrupt"}, {"tab": "corrupt", "corruption": "Blend"}],
    }
    for query in [{}, *variants.get(name, [])]:
        page = clean(open_page(name, data=data, **query))
        for forbidden, text in shown(page):
            assert not forbidden.search(text), text
        for text in texts_of_figures(page):
            assert not IN_FIGURES.search(text), text


def test_the_words_are_there_all_the_same(open_page, among_strangers):
    page = open_page("start", data="my-shapes")
    assert any(HOST in text for _, text in shown(page)) and any(HOST in text for text in texts_of_figures(page))
    assert markdown_text(f"![x](http://{HOST}/image.png)") in text_of(page)


def test_the_switch_and_the_refusals_mean_nothing_either(among_strangers):
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    assert markdown_text(REFUSED) in page.warning[0].value
    found = shown(page)
    assert any(text == markdown_text(TITLE) for _, text in found)
    for forbidden, text in found:
        assert not forbidden.search(text), text


def test_they_mean_nothing_in_generated_documents_either(strangers):
    twin = strangers / 'my-shapes-"); print("run")'
    shutil.copytree(strangers / "my-shapes-gamma-1", twin)
    for one in checkpoints(strangers):
        card = model_card(one)
        for text in (re.sub("```.*?```", "", card, flags=re.DOTALL), " | ".join(models_table._cells(one))):
            assert not IN_MARKDOWN.search(text), text
        assert f"ib.load({json.dumps(one.id)})" in card
    shutil.rmtree(twin)
