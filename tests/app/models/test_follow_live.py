"""Which models a browser computes with while γ's slider moves, and where it finds them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from streamlit.web.server.component_file_utils import guess_content_type

from app.models import in_browser, live, registry


@pytest.mark.parametrize("id", ["class-nll", "resnet"])
def test_a_model_without_a_place_on_the_slider_follows_nothing(monkeypatch, id):
    monkeypatch.setattr(live, "addresses_of", lambda _: pytest.fail("it would be sent to the browser"))
    live.follow_live("tiles", registry.by_id(id), "walks", {})


def test_an_answer_at_another_gamma_changes_what_is_sent(monkeypatch):
    """Streamlit calls the component again, which ends its earlier computation, only if its data has changed."""
    sent = []
    monkeypatch.setattr(live, "addresses_of", lambda _: None)
    monkeypatch.setattr(live, "custom_module", lambda *_: lambda key, data: sent.append(data["gamma"]))
    for id in ("mnist-gamma-1", "mnist-only-ly"):
        live.follow_live("tiles", registry.by_id(id), "samples", {})
    assert sent == [1.0, "inf"]


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """Temporary folders, with files that look like onnxruntime-web."""
    monkeypatch.setattr(in_browser, "RUNTIME", tmp_path / "ort")
    monkeypatch.setattr(in_browser, "FAMILIES", tmp_path / "families")
    (tmp_path / "ort").mkdir()
    (tmp_path / "ort" / "ort.wasm.min.mjs").touch()
    in_browser._published.cache_clear()
    yield tmp_path
    in_browser._published.cache_clear()


def test_a_family_lies_where_its_address_says(folders):
    found = in_browser.addresses_of(registry.by_id("mnist-gamma-1"))
    assert found is not None and found.runtime == "/app/static/vendor/ort/"
    folder = folders / "families" / found.family.rstrip("/").rpartition("/")[2]
    assert (folder / "family.json").is_file() and len(list(folder.glob("*.safetensors"))) == 7
    assert in_browser.addresses_of(registry.by_id("mnist-gamma-0.2")) == found


def test_the_server_sends_weights_without_compressing_them():
    assert guess_content_type("gamma-1.safetensors") in DEFAULT_EXCLUDED_CONTENT_TYPES


def test_a_model_that_is_in_no_family_or_no_runtime_leaves_it_to_the_server(folders):
    assert in_browser.addresses_of(registry.by_id("mnist-class-nll")) is None
    (folders / "ort" / "ort.wasm.min.mjs").unlink()
    assert in_browser.addresses_of(registry.by_id("mnist-gamma-1")) is None


def test_a_folder_that_cannot_be_written_leaves_it_to_the_server_until_it_can(folders):
    (folders / "families").write_text("in the way")
    assert in_browser.addresses_of(registry.by_id("mnist-gamma-1")) is None
    (folders / "families").unlink()
    assert in_browser.addresses_of(registry.by_id("mnist-gamma-1")) is not None


def test_several_at_once_publish_one_whole_folder(folders):
    family = registry.weight_space([registry.by_id("mnist-gamma-1")])
    publish = in_browser._published.__wrapped__  # as processes without a common memory
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda _: publish(in_browser._ByFiles(family), 1), range(4)))
    assert len(set(names)) == 1 and names[0]
    assert [p.name for p in (folders / "families").iterdir() if p.is_dir()] == [names[0]]
