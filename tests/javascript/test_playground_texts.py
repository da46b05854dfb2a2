"""Links and sheets of the playground: the page and the program read what the other one writes."""

import pytest
from node import ScriptError

from app.play_text import Play
from app.playground.presets import PRESETS

OTHERS = [
    "own~steps:12345",
    "blobs~count:100~seed:7~steps:0~a:ib:0~b:class-nll:1~at:1.25:-2",
    "moons~a:ib:inf",
    "spiral~classes:3~noise:0.05~couplings:12~width:64~rate:0.01",
]
SHEET = "x,y,label\n" + "\n".join(f"{n % 20 / 10},{n % 7 / 7},{'odd' if n % 2 else 'even'}" for n in range(80)) + "\n"
READ = "const { fromSheet } = await load('playground/sheet.js'); return fromSheet(arg);"


def test_page_and_program_read_a_link_alike(node):
    texts = [*(preset.play for preset in PRESETS), *OTHERS]
    again, points, usual = node.run(
        """const { asText, fromText, pointsAsText, pointsFromText, DEFAULT } = await load("playground/link.js");
        return [arg.map((text) => asText(fromText(text))), pointsAsText(pointsFromText("abcDEF..gh_")), DEFAULT];""",
        texts,
    )
    assert again == texts and points == "abcDEF..gh_"
    assert usual == {**Play()._asdict(), "aims": [aim._asdict() for aim in Play().aims]}


def test_a_sheet_is_read(node):
    found = node.run(READ, SHEET)
    assert found["classes"] == ["even", "odd"] and not found["isScaled"]
    assert found["dots"] == [[n % 20 / 10, n % 7 / 7, n % 2] for n in range(80)]


def test_points_out_of_sight_are_scaled_into_it(node):
    found = node.run(READ, "\n".join(f"{100 * n};{n};{n % 2}" for n in range(9)))
    x, y, label = zip(*found["dots"], strict=True)
    assert found["isScaled"] and label == (0, 1, 0, 1, 0, 1, 0, 1, 0)
    assert x == pytest.approx(y) and sum(x) == pytest.approx(0) and sum(one**2 for one in x) == pytest.approx(9)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (SHEET.replace("odd", "even"), "All rows have the same label"),
        ("x,y,label\n1,2,a\n1,two,b\n", "Line 3 begins with “1, two”"),
        ("1,2\n", "Line 1 must have three columns"),
        ("", "The file has no row"),
        ("\n".join(f"{n},{n},{n}" for n in range(9)), "The rows have 9 different labels"),
        ("\n".join(f"1,1,{n % 2}" for n in range(3000)), "The file has 3000 points"),
    ],
)
def test_a_sheet_is_refused_in_a_sentence(node, sheet, said):
    with pytest.raises(ScriptError, match=said):
        node.run(READ, sheet)
