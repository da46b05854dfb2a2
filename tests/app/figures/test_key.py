"""The line below a picture that says what its marks are names those that are there, by the look that they have."""

import pytest

from app.figures.family_curve import Mark
from app.figures.metrics import FAMILY_LOOKS, look_of
from app.figures.text import character
from app.tradeoff.marks import key_of


def mark(symbol: str, id: str | None = "mine") -> Mark:
    return Mark(id, "name", "title", 0.1, 5.0, "#123456", symbol)


@pytest.mark.parametrize("family", FAMILY_LOOKS)
def test_every_family_has_the_character_of_its_mark(family):
    symbol = look_of(family)[1]
    assert "✕" not in character(symbol) + character(f"{symbol}-open")
    assert sum(character(look_of(other)[1]) == character(symbol) for other in FAMILY_LOOKS) == sum(
        look_of(other)[1] == symbol for other in FAMILY_LOOKS
    )


def test_flows_of_ones_own_alone_are_not_called_ib_inns():
    assert [(name, symbol) for name, _, symbol in key_of([mark("star-diamond")], False)] == [
        ("flows of one's own", "star-diamond")
    ]


def test_an_ib_inn_is_named_also_where_only_the_paper_has_one():
    names = [name for name, _, _ in key_of([mark("star-diamond"), mark("circle-open", None)], False)]
    assert names == ["IB-INN, named by γ", "flows of one's own", "open: the paper's"]
    assert [name for name, _, _ in key_of([mark("circle")], True)][1] == "mixed from two neighbours"
