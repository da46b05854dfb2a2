"""The documentation's web site: its texts and links, and the checks of a built site."""

import re

import pytest

from app.lessons.course import LESSONS
from app.lessons.prose import TERMS
from tools.docs_site import build, check, pages
from tools.docs_site.course import course, marked
from tools.docs_site.reference import PUBLIC, namesakes, public_names, reference

NOWHERE, ON_THE_WEB = (lambda path: ""), "https://repository.test/{}".format


def test_every_text_is_a_page_and_every_page_is_in_the_contents():
    listed = [f"{name}.md" for part in pages.CONTENTS.values() for name in part]
    assert len(set(listed)) == len(listed)
    generated = {"course/index.md", "course/glossary.md", "api/index.md"}
    assert {*pages.texts().values()} | generated == {"index.md", *listed}


@pytest.mark.parametrize("name", pages.texts())
def test_the_links_of_every_text_lead_somewhere(name):
    text = (pages.ROOT / name).read_text("utf-8")
    for address in (NOWHERE, ON_THE_WEB):
        made = pages.page(text, name, address)
        assert ("repository.test" in made) <= (address is ON_THE_WEB)
        assert made.count("```") == text.count("```")


@pytest.mark.parametrize(
    "text, name, made",
    [
        ("[a](docs/install.md#options-and-extras)", "README.md", "[a](docs/install.md#options-and-extras)"),
        ("[a](../README.md)", "docs/install.md", "[a](../index.md)"),
        ("![a](move.png)", "docs/install.md", "![a](move.png)"),
        ("[a](#b) [c](https://x.org/y.md)", "README.md", "[a](#b) [c](https://x.org/y.md)"),
        ("[`a`](setup.py)", "README.md", "[`a`](https://repository.test/setup.py)"),
        ("```\n[a](gone.md)\n```", "README.md", "```\n[a](gone.md)\n```"),
        ("[a](gone.md)", "README.md", None),
        ("![a](docs/gone.png)", "README.md", None),
    ],
)
def test_what_becomes_of_a_link(text, name, made):
    if made is None:
        with pytest.raises(pages.LinkError, match=r"README.md has a link to (docs/)?gone\.\w+, which is not there"):
            pages.page(text, name, ON_THE_WEB)
    else:
        assert pages.page(text, name, ON_THE_WEB) == made
        assert "repository.test" not in pages.page(text, name, NOWHERE)


def test_only_what_has_changed_is_written_and_what_is_gone_is_removed(tmp_path):
    build.write({"a.md": b"1", "b/c.md": b"2"}, tmp_path)
    before = (tmp_path / "a.md").stat().st_mtime_ns
    build.write({"a.md": b"1", "d.md": b"3"}, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["a.md", "d.md"]
    assert (tmp_path / "a.md").stat().st_mtime_ns == before


@pytest.mark.slow
def test_each_lesson_has_a_page_whose_terms_are_in_the_glossary():
    made = course("https://example.org/")
    assert made.keys() == {f"course/lesson-{n}.md" for n in range(1, len(LESSONS) + 1)} | {
        "course/index.md",
        "course/glossary.rst",
    }
    known = set(TERMS)
    for number, lesson in enumerate(LESSONS.values(), 1):
        text = made[f"course/lesson-{number}.md"]
        assert text.startswith(f"# {number}. {lesson.title}\n") and f"#view=lessons&lesson={lesson.name}" in text
        terms = re.findall(r"\{term\}`(?:[^`<]* <)?([^`>]+)>?`", text)
        assert set(terms) <= known and terms, number
        assert "{" not in text.replace("{term}", "") and "[]" not in text
    assert all(f"\n   {name}\n" in made["course/glossary.rst"] for name in known)


def test_without_numbers_a_text_has_gaps():
    assert marked("{error} of [latent] L_X", {}) == "… of {term}`latent` L<sub>X</sub>"
    with pytest.raises(KeyError):
        marked("[no such term]", {})


@pytest.mark.slow
def test_every_public_name_is_described_once():
    made = "\n".join(reference().values())
    for name in public_names().values():
        assert len(re.findall(rf"^\.\. auto\w+:: {re.escape(name)}$", made, re.M)) == 1 + (name in namesakes()), name
    assert all(f"api/{name}.rst" in reference() for name in PUBLIC)


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="sub/page.html#there">', ""),
        ('<a href="#top"></a><h2 id="top">', ""),
        ('<link rel="canonical" href="https://example.org/"><img src="data:image/png;base64,AAAA">', ""),
        ('<a href="sub/page.html#gone">', "index.html: sub/page.html#gone leads nowhere"),
        ('<img src="gone.png">', "index.html: gone.png leads nowhere"),
        ('<script src="https://cdn.example.org/a.js"></script>', "loads https://cdn.example.org/a.js from elsewhere"),
        ('<link rel="stylesheet" href="//cdn.example.org/a.css">', "loads //cdn.example.org/a.css from elsewhere"),
    ],
)
def test_the_problems_of_a_site_are_told(tmp_path, html, problem):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text("<a name=there>a</a>")
    (tmp_path / "index.html").write_text(html)
    found = check.problems(tmp_path)
    assert len(found) == bool(problem) and all(one.endswith(problem) for one in found)


def test_styles_that_load_from_elsewhere_are_told_and_a_site_without_pages(tmp_path):
    assert check.problems(tmp_path) == [f"{tmp_path} has no pages"]
    (tmp_path / "index.html").touch()
    css = "a { background: url('https://x.org/a.png') } @import '//y.org/b.css'; b { src: url(fonts/c.woff2) }"
    (tmp_path / "a.css").write_text(css)
    wanted = [f"a.css: loads {address} from elsewhere" for address in ("https://x.org/a.png", "//y.org/b.css")]
    assert check.problems(tmp_path) == wanted
