"""Links to a view."""

import numpy as np
import pytest

from app.widgets.share import link_of, qr_svg


@pytest.mark.parametrize(
    ("parameters", "link"),
    [
        ({}, "http://hall.local/sample"),
        ({"model": ["gamma-2.5"], "seed": ["3"]}, "http://hall.local/sample?model=gamma-2.5&seed=3"),
        ({"classes": ["frog", "car"]}, "http://hall.local/sample?classes=frog&classes=car"),
        ({"show": ["Morph over γ"]}, "http://hall.local/sample?show=Morph+over+%CE%B3"),
    ],
)
def test_a_link_has_the_parameters_of_the_view_and_no_older_ones(parameters, link):
    assert link_of("http://hall.local/sample", parameters) == link
    assert link_of("http://hall.local/sample?model=gamma-1", parameters) == link


def test_the_code_is_the_text_as_a_square_of_modules():
    cv2 = pytest.importorskip("cv2", reason="OpenCV reads QR codes; it is not needed otherwise")
    import segno

    text = "http://hall.local/sample?model=gamma-2.5"
    modules = np.array(list(segno.make(text, error="m").matrix))
    picture = np.kron(np.pad(1 - modules, 4, constant_values=1), np.ones((8, 8))).astype(np.uint8) * 255
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def test_the_picture_is_black_on_white():
    svg = qr_svg("http://hall.local/")
    assert svg.startswith("<svg") and "#fff" in svg and "#000" in svg
