import pytest

from app.figures.text import plotly_text, plotly_texts
from app.widgets.markdown import markdown_text


@pytest.mark.parametrize(
    "name",
    ["cat", "CIFAR-10", "pine_tree", "7", "γ = 0.02 (gamma-0.02)", "Stop sign", "only L_X", "7: 95%", "frog no. 3"],
)
def test_an_ordinary_name_stays_as_it_is(name):
    assert markdown_text(name) == plotly_text(name) == name


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("![x](y)", r"!\[x\](y)"),
        ("<b>", r"\<b\>"),
        ("a|b", r"a\|b"),
        ("_x_ a_b", r"\_x\_ a_b"),
        ("# h", r"\# h"),
        ("- x - y", r"\- x - y"),
        ("1. x", r"1\. x"),
        (":red[x]", r"\:red\[x\]"),
        ("a\nb\n\n- c", "a b - c"),
        ("\\", r"\\"),
        ("&amp;", r"\&amp;"),
        ("WWW.x.y", "WWW\u2060.x.y"),
        ("https://x.y", "https:\u2060//x.y"),
        ("a@b.c", "a@\u2060b.c"),
    ],
)
def test_what_means_something_in_markdown_is_escaped(text, escaped):
    assert markdown_text(text) == escaped


def test_what_means_something_to_plotly_is_escaped():
    assert plotly_texts(["<a href='x'>", "&lt;", "%{x}"]) == ["&lt;a href='x'&gt;", "&amp;lt;", "%\u2060{x}"]
