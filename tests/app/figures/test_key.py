"""The legend below a picture names the marks that it has, with their symbols."""

import pytest

from app.figures.family_curve import Mark
from app.figures.text import character
from app.results.marks import KINDS, key_of


def mark(symbol: str, id: str | None = "mine") -> Mark:
    return Mark(id, "name", "title", 0.1, 5.0, "#123456", symbol)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_character_of_its_own(kind):
    symbol = KINDS[kind][1]
    assert "✕" not in character(symbol) + character(f"{symbol}-open")
    assert [other for other in KINDS if character(KINDS[other][1]) == character(symbol)] == [kind]


def test_your_flows_alone_are_not_called_ib_inns():
    assert [(name, symbol) for name, _, symbol in key_of([mark("star-diamond")], False)] == [
        ("your flows", "star-diamond")
    ]


def test_an_ib_inn_is_named_also_where_only_the_paper_has_one():
    names = [name for name, _, _ in key_of([mark("star-diamond"), mark("circle-open", None)], False)]
    assert names == ["IB-INN, named by γ", "your flows", "open: the paper's"]
    assert [name for name, _, _ in key_of([mark("circle")], True)][1] == "mixed from two neighbours"
