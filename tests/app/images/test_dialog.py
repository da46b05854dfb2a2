"""The picker of images: its galleries, its result, and links to images."""

import io
import socket
from types import SimpleNamespace

import numpy as np
import pytest
from official_helpers import official_server
from page_helpers import GENERATIVE, clean, grids, text_of
from PIL import Image
from streamlit.testing.v1 import AppTest

import ibinn_core as ib
from app.desk import EndedError
from app.images import pictures
from app.images.dialog import LIMITS, MISTAKES, read_upload
from app.images.download_button import progress_on
from app.models import asking
from ibinn_core.data.images import ImageError


def _browse():
    """What stands in the dialog, on a page of its own: AppTest runs whole scripts, which would close a dialog."""
    import streamlit as st

    from app.images import dialog, pictures

    chosen = dialog.browse("image", pictures.from_token(st.session_state.get("token", "sample-7")))
    if chosen is not None:
        st.text(chosen.token)


@pytest.fixture
def browse():
    def run(token: str = "sample-7", source: str | None = None) -> AppTest:
        page = AppTest.from_function(_browse, default_timeout=300)
        page.session_state["token"] = token
        page.run()
        return page.segmented_control(key="image-source").set_value(source).run() if source else page

    return run


@pytest.fixture
def small_set(no_data, tmp_path):
    """A test set of the twenty sample images, backwards: the models know each of them."""
    images, labels = ib.data.sample()
    np.savez(tmp_path / "cifar10.npz", x_test=images[::-1], y_test=labels[::-1])
    pictures.forget()
    yield images[::-1], labels[::-1]
    pictures.forget()


def grid(page: AppTest) -> tuple[np.ndarray, list[str]]:
    """Pixels and captions of the thumbnails."""
    given = grids(page)["image-grid"]
    return given["images"], given["captions"]


def chosen(page: AppTest) -> list[str]:
    return [text.value for text in clean(page).text]


def test_the_samples_are_a_grid_and_a_press_chooses(browse, no_data):
    page = browse()
    images, captions = grid(clean(page))
    assert np.array_equal(images, ib.data.sample()[0])
    assert captions[7] == "frog 3" and grids(page)["image-grid"]["chosen"] == "sample-7" and chosen(page) == []
    page.session_state["picked-image"] = "sample-4"  # as a press on it does
    assert chosen(page.run()) == ["sample-4"]


def test_filters_by_class(browse, small_set):
    page = browse()
    page.selectbox(key="picker-class").set_value("ship").run()
    images, captions = grid(clean(page))
    assert captions == ["ship"] * 4 and np.array_equal(images, small_set[0][small_set[1] == 8])
    page.selectbox(key="picker-class").set_value("deer").run()
    assert "no such image" in clean(page).info[0].value


@pytest.mark.parametrize(("model", "shown"), [("gamma-0.2", "gamma-0.2"), ("only-lx", "gamma-1")])
def test_shows_the_mistakes_of_the_page_s_model_if_that_saw_labels(browse, small_set, model, shown):
    images, labels = small_set
    page = browse()
    page.session_state["model"] = model
    page.selectbox(key="picker-order").set_value(MISTAKES).run()
    latent = next(c for c in GENERATIVE if c.id == shown).latent
    rows = [np.flatnonzero(latent["hashes"] == one)[0] for one in ib.data.pixel_hash(images)]
    wrong = (latent["posterior"][rows].argmax(1) != labels).sum()
    assert len(grid(clean(page))[0]) == wrong if wrong else "no such image" in page.info[0].value


def test_turns_pages_and_opens_on_that_of_the_image(browse, no_data, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (100, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "cifar10.npz", x_test=images, y_test=np.arange(100) % 10)
    page = browse(f"test-{ib.data.pixel_hash(images[50:51])[0]:016x}")
    assert np.array_equal(grid(clean(page))[0], images[48:96])
    assert grids(page)["image-grid"]["chosen"] == page.session_state["token"]
    page = browse("sample-7", "Test set")
    assert np.array_equal(grid(clean(page))[0], images[:48])


def test_the_camera_is_asked_for_only_where_it_is_wanted(browse, no_data):
    page = browse()
    assert not page.get("camera_input")
    page.segmented_control(key="image-source").set_value("Camera").run()
    assert len(clean(page).get("camera_input")) == 1


def test_beside_a_damaged_copy_the_samples_are_shown(open_page, no_data, tmp_path):
    (tmp_path / "cifar10.npz").write_bytes(b"damaged")
    text = text_of(clean(open_page("explore")))
    assert "cifar10.npz is damaged" in text and "among the example images" in text


def archive(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_a_copy_that_arrives_wrong_while_the_app_serves_is_named_and_a_whole_one_then_used(browse, no_data, tmp_path):
    page = browse()
    assert grid(clean(page))[1][7] == "frog 3"
    images, labels = ib.data.sample()
    (tmp_path / "cifar10.npz").write_bytes(archive(x_test=images, y_test=labels + 8))
    page.segmented_control(key="image-source").set_value("Test set").run()
    assert not page.exception and len(page.error) == 1 and "cifar10.npz" in page.error[0].value
    (tmp_path / "cifar10.npz").write_bytes(archive(x_test=images[::-1], y_test=labels[::-1]))
    page.run()
    assert not clean(page).error and np.array_equal(grid(page)[0], images[::-1])


@pytest.mark.slow
def test_fetches_the_data_set_and_shows_it(browse, no_data, tmp_path, monkeypatch):
    with official_server("cifar10", tmp_path / "server", monkeypatch) as official:
        page = browse(source="Test set")
        assert not grids(page) and "not on this machine yet" in page.markdown[0].value
        page.button(key="fetch").click().run()
        assert np.array_equal(grid(clean(page))[0], official.expected["test"][0])
        assert not [b for b in page.button if b.key == "fetch"]
        assert {path.name for path in tmp_path.iterdir()} == {"server", official.official.base_folder}


@pytest.mark.slow
def test_a_fetch_that_fails_says_so_and_leaves_nothing_behind(browse, no_data, tmp_path, monkeypatch):
    with official_server("cifar10", tmp_path / "server", monkeypatch) as official, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound but not listening: a connection is refused
        official.serve_at(unused.getsockname()[1])
        page = browse(source="Test set")
        page.button(key="fetch").click().run()
    assert len(page.exception) == 0 and len(page.error) == 1
    message = page.error[0].value
    assert "could not be fetched" in message and message.endswith(".") and message.count(". ") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["server"]
    assert page.button(key="fetch")


def test_where_images_are_bright_on_black_a_person_is_told():
    assert [bool(pictures.ground_text(ib.data.DATASETS[name])) for name in ("mnist", "cifar10")] == [True, False]


def test_progress_moves_a_megabyte_a_step():
    seen: list[tuple[float, str]] = []
    shown = progress_on(SimpleNamespace(progress=lambda share, text: seen.append((share, text))), "CIFAR-10")
    for done in range(0, 3_000_001, 250_000):
        shown(done, 3_000_000)
    assert [share for share, _ in seen] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert seen[1][1] == "Downloading CIFAR-10: 1 of 3 MB" and "unpacking" in seen[-1][1]
    shown(4_000_000, None)
    assert seen[-1] == (0.0, "Downloading CIFAR-10: 4 MB")


def file_of(size: tuple[int, int], kind: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return file


def test_what_is_transparent_is_white_and_a_digit_grey():
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (9, 9, 9, 0)).save(file, "PNG")
    assert (read_upload(file, 32, 3) == 255).all()
    assert read_upload(file_of((40, 40)), 28, 1).shape == (28, 28, 1)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "."),
        (io.BytesIO(bytes(LIMITS.file_bytes + 1)), "larger than 10 MiB"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(file, said):
    with pytest.raises(ImageError, match=said) as caught:
        read_upload(file, 32, 3)
    assert str(caught.value).endswith(".") and str(caught.value).count(". ") == 0


def test_an_image_that_takes_too_much_memory_is_refused(monkeypatch):
    def ended(*_: object) -> None:
        raise EndedError("killed")

    monkeypatch.setattr(asking.DESK, "ask", ended)
    with pytest.raises(ImageError, match="too much memory"):
        read_upload(file_of((40, 40)), 32, 3)
