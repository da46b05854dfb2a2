"""Out of distribution: images of one's own, and corruptions that whoever starts the server names."""

import numpy as np
import pytest
from page_helpers import clean, figures, png, text_of, tiles
from PIL import Image

import ibinn_core as ib
from app.corruption.own_images import MOST_FILES, QUESTIONS
from ibinn_core.exploration import own_corruption

DIGIT = {"data": "mnist", "image": "sample-11"}


@pytest.fixture(autouse=True)
def no_files_named(monkeypatch, no_data):
    monkeypatch.delenv(own_corruption.CORRUPTIONS, raising=False)
    monkeypatch.delenv(QUESTIONS, raising=False)


def upload(page, *files: tuple[str, bytes]):
    page.file_uploader(key="question-files").set_value([(name, data, "image/png") for name, data in files])
    return page.run()


def noise(side: int = 40) -> bytes:
    return png(np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8))


@pytest.mark.slow
def test_several_files_are_judged_one_by_one(open_page):
    digit = png(np.repeat(ib.data.embedded("mnist")[0][3], 3, axis=2))
    page = clean(upload(open_page("ood", **DIGIT), ("*a digit*.png", digit), ("noise.png", noise())))
    said = text_of(page)
    assert "1 of 2 typical" in said and "noise.png" in said and r"\*a digit\*.png" in said
    (about,) = [
        line for m in page.markdown if "noise.png" in m.value for line in m.value.split("\n") if "γ = 1:" in line
    ]
    assert "out of distribution (p = 0.000" in about
    answers = ib.evaluation.ask("mnist-gamma-1", ib.data.embedded("mnist")[0][3:4])
    (about,) = [line for m in page.markdown if "a digit" in m.value for line in m.value.split("\n") if "γ = 1:" in line]
    assert f"{answers.bits[0]:.2f} bits/dim" in about and f"p = {answers.p_values[0]:.3f}" in about


def test_hostile_files_are_refused_in_one_sentence(open_page):
    page = upload(open_page("ood", **DIGIT), ("x.png", b"no image"), ("noise.png", noise()))
    (error,) = [e.value for e in page.error]
    assert error.startswith("x.png: ") and not page.exception
    many = upload(open_page("ood", **DIGIT), *[(f"{n}.png", noise(8)) for n in range(MOST_FILES + 1)])
    assert "more than 12" in many.error[0].value and not many.exception


@pytest.mark.slow
def test_a_folder_that_the_server_was_given_is_judged(open_page, monkeypatch, tmp_path):
    for number in range(15):
        pixels = np.random.default_rng(number).integers(0, 256, (28, 28), dtype=np.uint8)
        (tmp_path / "strange").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "strange" / f"{number:02d}.png")
    monkeypatch.setenv(QUESTIONS, str(tmp_path / "strange"))
    page = open_page("ood", **DIGIT)
    page.selectbox(key="question-from").set_value("strange").run()
    assert "0 of 15 typical" in text_of(clean(page)) and any("The first 12 of 15" in c.value for c in page.caption)
    (tmp_path / "strange" / "00.png").write_bytes(b"broken")
    page.run()
    assert "00.png cannot be used" in page.error[0].value and not page.exception


def test_a_link_names_no_folder(open_page, tmp_path):
    page = clean(open_page("ood", **DIGIT, **{"question-from": str(tmp_path)}))
    assert not [box for box in page.selectbox if box.key == "question-from"]


def test_a_corruption_of_ones_own_is_one_more(open_page, monkeypatch, tmp_path):
    (tmp_path / "my_fog.py").write_text(
        "import ibinn_core as ib\n"
        "ib.exploration.register_corruption('my_fog', lambda x, strength: x + strength * (1.0 - x))\n"
    )
    monkeypatch.setenv(own_corruption.CORRUPTIONS, str(tmp_path / "my_fog.py"))
    page = clean(open_page("ood", **DIGIT, corruption="my_fog"))
    assert page.segmented_control(key="corruption").options == ["Rotation", "Noise", "Blend", "Attack", "my_fog"]
    strip = tiles(figures(page)[0])[::4, ::4].reshape(-1, 28, 28, 3)
    assert (strip[0] == ib.data.embedded("mnist")[0][11]).all() and strip[-1].min() >= 254
    assert any("ib.exploration.corrupt('my_fog', x, strength)" in code.value for code in page.code)


@pytest.mark.slow
def test_one_that_fails_is_said(open_page, monkeypatch, tmp_path):
    (tmp_path / "my_fog.py").write_text("import no_such_library")
    monkeypatch.setenv(own_corruption.CORRUPTIONS, str(tmp_path / "my_fog.py"))
    page = open_page("ood", **DIGIT, corruption="my_fog")
    assert "cannot be run" in page.error[0].value and not page.exception
    other = clean(open_page("ood", **DIGIT, corruption="nobodys"))  # which a link may ask for, and nobody has
    assert figures(other)
