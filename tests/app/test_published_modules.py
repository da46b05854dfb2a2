"""Our own modules as a browser gets them: at other addresses once they have changed."""

import os
import time

import pytest

from app import vendor


@pytest.fixture
def publish(monkeypatch, tmp_path):
    """``publish(text)`` publishes two modules, of which one has this text; returns the folder."""
    modules = tmp_path / "figure"
    modules.mkdir()
    monkeypatch.setattr(vendor, "MODULES", (modules,))

    def run(text: str):
        (modules / "a.js").write_text('import "./b.js";')
        (modules / "b.js").write_text(text)
        vendor._modules.cache_clear()
        return tmp_path / "vendor" / vendor.published_modules(tmp_path / "vendor")

    yield run
    vendor._modules.cache_clear()


def test_a_change_has_another_address_and_the_same_modules_have_the_same(publish):
    first, other, again = publish("1"), publish("2"), publish("1")
    assert first == again != other
    assert [(first / "figure" / name).read_text() for name in ("a.js", "b.js")] == ['import "./b.js";', "1"]
    assert (other / "figure" / "b.js").read_text() == "2"


def test_what_a_server_uses_is_kept_however_long_it_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(vendor, "_in_use", set())
    used, other, third = (tmp_path / "families" / name for name in ("used", "other", "third"))
    for folder in (used, other):
        vendor.publish_folder(folder, lambda target: target.mkdir())
    vendor._in_use.remove(other)  # another server's, which has ended
    for folder in (used, other):
        os.utime(folder, (time.time() - vendor.UNUSED - 60,) * 2)
    vendor.publish_folder(third, lambda target: target.mkdir())
    assert used.is_dir() and third.is_dir() and not other.exists()
    monkeypatch.setattr(time, "time", lambda: 1e11)  # a clock that has jumped ahead
    vendor.publish_folder(other, lambda target: target.mkdir())
    assert used.is_dir() and other.is_dir()
