import io
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from app.desk import EndedError
from app.images import dialog
from ibinn_core.data.images import ImageError

ROOT = Path(__file__).resolve().parents[3]


def file_of(size: tuple[int, int], kind: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return file


def test_streamlit_takes_no_file_that_would_be_refused():
    config = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] * 2**20 == dialog.LIMITS.file_bytes


def test_what_is_transparent_is_white_and_a_digit_grey():
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(file, "PNG")
    assert (dialog.read_upload(file, 32, 3) == 255).all()
    assert dialog.read_upload(file_of((40, 40)), 28, 1).shape == (28, 28, 1)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "."),
        (io.BytesIO(b""), "."),
        (io.BytesIO(file_of((64, 64)).getvalue()[:100]), "."),
        (io.BytesIO(bytes(dialog.LIMITS.file_bytes + 1)), "larger than 10 MiB"),
        pytest.param(file_of((5100, 5000)), "25 megapixels", marks=pytest.mark.slow),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(file, said):
    with pytest.raises(ImageError, match=said) as caught:
        dialog.read_upload(file, 32, 3)
    assert str(caught.value).endswith(".") and str(caught.value).count(". ") == 0


def test_an_image_that_takes_too_much_memory_is_refused(monkeypatch):
    def ended(*_: object) -> None:
        raise EndedError("killed")

    monkeypatch.setattr(dialog.asking.DESK, "ask", ended)
    with pytest.raises(ImageError, match="too much memory"):
        dialog.read_upload(file_of((40, 40)), 32, 3)
