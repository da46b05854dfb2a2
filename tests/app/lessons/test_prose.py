"""The mark-up of the lessons' texts, and the glossary."""

import re

import pytest

from app.lessons.course import LESSONS
from app.lessons.prose import TERMS, Prose
from app.site.views import WORDS


def texts_of(lesson) -> list[str]:
    """All texts of a lesson, before its values are filled in."""
    said = (lesson.title, lesson.question, lesson.ask, lesson.right, lesson.reveal, lesson.caption, lesson.task)
    return [*said, lesson.point, *lesson.options.values(), *(text for _, text in lesson.notes)]


def test_a_term_is_a_button_at_its_first_use_and_plain_afterwards():
    prose = Prose("page")
    first, second = prose.html("many [nats|nat], and", {}), prose.html("one [nat].", {})
    assert re.search(r'<button [^>]*popovertarget="page-term-1"[^>]*>nats</button>,</span>', first)
    assert f'popover class="meaning" id="page-term-1" role="note"><b>nat</b><br>{TERMS["nat"]}' in first
    assert second == "one nat."


def test_mark_up_and_values():
    html = Prose("page").html("**{a}** < {b}", {"a": "1 < 2", "b": "[x](y)"})
    assert html == "<b>1 &lt; 2</b> &lt; &#91;x](y)"


def test_an_unknown_term_or_value_is_an_error():
    with pytest.raises(KeyError, match="nonsense"):
        Prose("page").html("a [nonsense]", {})
    with pytest.raises(KeyError, match="missing"):
        Prose("page").html("{missing}", {})


def test_no_number_is_written_into_a_text():
    for lesson in LESSONS.values():
        for text in texts_of(lesson):
            assert not re.search(r"\d", text), text


def test_every_term_is_explained_somewhere_and_every_explanation_is_used():
    texts = [*(text for lesson in LESSONS.values() for text in texts_of(lesson)), *map(str, WORDS.values())]
    used = (match[2] or match[1] for match in re.finditer(r"\[([^\]|]+)(?:\|([^\]]+))?\]", " ".join(texts)))
    assert set(used) == set(TERMS)
