"""Names in a stranger's files are shown letter by letter: no page has a link, image or tag of theirs."""

import json
import re
import shutil

import pytest
from hostile_helpers import CLASSES, HOST, REFUSED, build_hostile
from page_helpers import specs, text_of

from app.widgets.markdown import markdown_text
from ibinn_core.checkpoint import checkpoints
from tools import models_table
from tools.model_cards import model_card

#: What a stranger's words would have to look like to mean something: in Markdown, and in a figure.
IN_MARKDOWN = re.compile(rf"(?<!\\)\]\([^)]*{HOST}|(?<!\\)<[a-z][^>]*{HOST}|https?://{HOST}|www\.{HOST}|me@{HOST}")


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers") / "checkpoints"
    with pytest.MonkeyPatch.context() as patch:
        build_hostile(folder, patch)
    return folder


def test_the_words_are_there_all_the_same_also_of_what_is_refused(strangers, show_checkpoints, open_page, no_data):
    show_checkpoints(strangers)
    page = open_page("../main")
    assert markdown_text(REFUSED) in page.warning[0].value
    assert any(markdown_text(name) in text_of(page) for name in CLASSES)
    assert any(HOST in str(spec) for spec in specs(page))


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
