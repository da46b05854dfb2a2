"""Names in a stranger's files are shown letter by letter: no page has a link, image or tag of theirs."""

import json
import re
import shutil

import pytest
from google.protobuf.json_format import MessageToDict
from hostile_helpers import CLASSES, HOST, REFUSED, TITLE, build_hostile
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


def texts(values: object) -> list[str]:
    """Every text in a message's values."""
    if isinstance(values, dict):
        return [text for key, value in values.items() if key not in PLAIN for text in texts(value)]
    if isinstance(values, list):
        return [text for value in values for text in texts(value)]
    return [values] if isinstance(values, str) else []


def checked(page: AppTest) -> list[str]:
    """All texts of a page that Streamlit may read as Markdown or HTML, and of figures: none means anything."""
    found, nodes = [(IN_FIGURES, text) for spec in specs(page) for text in texts(spec)], [page._tree]
    while nodes:
        node = nodes.pop()
        nodes += getattr(node, "children", {}).values()
        if getattr(node, "proto", None) is not None and node.type != "code":  # a program, letter by letter
            values = MessageToDict(node.proto)
            if node.type in LISTS:
                values.pop("options")
            if values.get("componentName") in WRITERS:
                values.pop("json")
            found += [(IN_HTML if node.type == "html" else IN_MARKDOWN, text) for text in texts(values)]
    for forbidden, text in found:
        assert not forbidden.search(text), text
    return [text for _, text in found]


VARIANTS = {
    "explore": [
        {"add": "true", "color": "mistakes"},
        {"tab": "move"},
        {"tab": "walk"},
        {"tab": "sample", "tile": f"![x](http://{HOST}/image.png)-1"},
    ],
    "test_image": [{"tab": "judge"}, {"tab": "corrupt"}, {"tab": "corrupt", "corruption": "Blend"}],
}


@pytest.mark.slow
@pytest.mark.parametrize("data", ["cifar10", "my-shapes"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_no_word_of_a_stranger_means_anything(open_page, among_strangers, name, data):
    for query in [{}, *VARIANTS.get(name, [])]:
        checked(clean(open_page(name, data=data, **query)))


def test_the_words_are_there_all_the_same_also_of_what_is_refused(among_strangers):
    page = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=300).run()
    assert markdown_text(REFUSED) in page.warning[0].value and markdown_text(TITLE) in checked(page)
    assert any(markdown_text(name) in text_of(page) for name in CLASSES)
    assert any(HOST in text for spec in specs(page) for text in texts(spec))


@pytest.mark.filterwarnings("ignore:Checkpoint")
def test_they_mean_nothing_in_generated_documents_either(strangers):
    twin = strangers / 'my-shapes-"); print("run")'
    shutil.copytree(strangers / "my-shapes-gamma-1", twin)
    for one in checkpoints(strangers):
        card = model_card(one)
        for text in (re.sub("```.*?```", "", card, flags=re.DOTALL), " | ".join(models_table._cells(one))):
            assert not IN_MARKDOWN.search(text), text
        assert f"ib.load({json.dumps(one.id)})" in card
    shutil.rmtree(twin)
