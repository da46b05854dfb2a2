"""Rules for tests, so that no test fails by chance."""

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_module_of_tests_has_a_name_of_its_own():
    """pytest imports modules by their names without folders, and refuses two modules of one name."""
    names = Counter(file.name for file in TESTS.rglob("*.py") if file.name != "conftest.py")
    assert sum(name.startswith("test_") for name in names) > 100
    assert [name for name, count in names.items() if count > 1] == []


def test_no_test_in_the_browser_waits_for_a_while():
    """A test must wait for what it checks, and not for a time."""
    waits = re.compile(r"wait_for_timeout|networkidle")
    assert [file.name for file in (TESTS / "browser").glob("*.py") if waits.search(file.read_text())] == []
