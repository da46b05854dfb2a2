"""What pages open with is computed in advance: all of it, and as the pages ask for it."""

import logging
import threading

import pytest

from app import warming
from app.models import asking

PAGES = ("start", "interpolate", "sample", "inspect_image", "ood", "lessons")


@pytest.fixture
def warmed(no_data):
    for request in warming.requests():
        asking.QUEUE.ask("test", request)


@pytest.mark.slow
def test_after_it_no_page_has_anything_left_to_compute(warmed, open_page):
    for name in PAGES:
        passes = asking.QUEUE.passes
        page = open_page(name)
        assert not page.exception
        assert asking.QUEUE.passes == passes, name


@pytest.mark.slow
def test_without_it_they_have(no_data, open_page):
    for name in PAGES[:-1]:
        passes = asking.QUEUE.passes
        open_page(name)
        assert asking.QUEUE.passes > passes, name


def test_it_begins_once(monkeypatch):
    begun = []
    monkeypatch.setattr(asking, "prepare", begun.append)
    monkeypatch.setattr(warming, "_begun", type(warming._begun)())
    warming.begin()
    warming.begin()
    assert len(begun) == 1


def test_streamlits_warning_of_threads_without_a_page_is_kept_for_those_of_others(monkeypatch, caplog):
    monkeypatch.setattr(asking, "prepare", lambda requests: None)
    monkeypatch.setattr(warming, "_begun", type(warming._begun)())
    warming.begin()
    log = logging.getLogger(warming.CONTEXT_LOG)
    for name in ("inference-0", "somebody-else"):
        thread = threading.Thread(target=log.warning, args=("from %s", name), name=name)
        thread.start()
        thread.join()
    assert [record.getMessage() for record in caplog.records] == ["from somebody-else"]
