"""A small image on a page."""

import base64
import io

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest


def test_a_shown_image_travels_with_the_page_and_not_as_a_file_of_the_server():
    def script():
        import numpy as np

        from app.images.image_input import show_image

        show_image(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), "Four pixels", 4)

    page = AppTest.from_function(script).run()
    assert not page.exception
    (image,) = page.get("image")[0].proto.imgs
    head, _, data = image.url.partition(",")
    assert head == "data:image/png;base64"
    enlarged = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    expected = np.arange(12, dtype=np.uint8).reshape(2, 2, 3).repeat(4, 0).repeat(4, 1)  # twice the 2 CSS pixels each
    np.testing.assert_array_equal(enlarged, expected)
