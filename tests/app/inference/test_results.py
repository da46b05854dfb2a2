"""What was computed is kept once for everybody, within a bounded size."""

from dataclasses import dataclass

import numpy as np
import pytest

from app.inference.results import MISSING, Results, digest, freeze


@dataclass(frozen=True)
class Pair:
    name: str
    values: np.ndarray


def test_what_was_asked_for_longest_ago_goes_first():
    results = Results(limit=2500)
    for name in "abc":
        results.put(name, np.zeros(100))  # 864 bytes
    assert results.get("a") is MISSING and results.get("b") is not MISSING
    results.put("d", np.zeros(100))
    assert results.get("c") is MISSING and results.get("b") is not MISSING
    assert results.size <= 2500


def test_a_result_that_is_too_large_is_not_kept_and_evicts_nothing():
    results = Results(limit=1000)
    results.put("small", 1)
    results.put("large", np.zeros(1000))
    assert results.get("large") is MISSING and results.get("small") == 1


def test_the_size_of_a_result_that_is_replaced_is_not_counted_twice():
    results = Results(limit=10_000)
    for length in (1000, 10, 500):
        results.put("a", np.zeros(length))
    assert results.size == 500 * 8 + 64


def test_everybody_gets_the_same_array_and_nobody_can_change_it():
    results = Results(limit=10_000)
    results.put("a", {"pair": Pair("x", np.arange(3)), "more": [(np.arange(2),)]})
    found = results.get("a")
    assert found is results.get("a")
    for values in (found["pair"].values, found["more"][0][0]):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_what_was_begun_before_the_store_was_cleared_is_not_kept():
    results = Results(limit=1000)
    generation = results.generation
    results.clear()
    results.put("old", 1, generation)
    results.put("new", 2, results.generation)
    assert results.get("old") is MISSING and results.get("new") == 2


def test_the_size_counts_what_is_inside():
    assert freeze(Pair("name", np.zeros(1000))) > 8000
    assert freeze({"a": "x" * 500}) > 500


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2, np.float32), np.zeros(2, np.int32)),
        (("ab", "c"), ("a", "bc")),
        ((1, (2,)), (1, 2)),
        (1, "1"),
        ({"a": 1}, {"b": 1}),
        (Pair("a", np.zeros(1)), Pair("a", np.ones(1))),
    ],
)
def test_values_that_differ_have_other_digests(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


def test_the_digest_does_not_depend_on_how_an_array_lies_in_memory():
    values = np.arange(12).reshape(3, 4)
    assert digest(values.T) == digest(np.ascontiguousarray(values.T))
