"""Rules for tests, so that none fails by chance."""

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_module_of_tests_has_a_name_of_its_own():
    """pytest imports them by their names alone, and refuses a second one."""
    names = Counter(file.name for file in TESTS.rglob("*.py") if file.name != "conftest.py")
    assert sum(name.startswith("test_") for name in names) > 100
    assert [name for name, count in names.items() if count > 1] == []


def test_no_test_in_the_browser_waits_for_a_while():
    """It waits for what it looks at."""
    waits = re.compile(r"wait_for_timeout|networkidle")
    assert [file.name for file in (TESTS / "browser").glob("*.py") if waits.search(file.read_text())] == []
