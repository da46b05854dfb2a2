"""Faults while a browser computes: damaged files, workers that end, pages that users leave, memory."""

import json
import os
import zlib

import numpy as np
import psutil
import pytest
from browser_helpers import IN_A_BROWSER
from flow_page import FlowPage, needs_runtime
from grid_helpers import mostly_slow
from hosting import bare_server
from waiting_helpers import until

import ibinn_core as ib
from ibinn_core.checkpoint import folders
from ibinn_core.onnx import publish

pytestmark = [
    *IN_A_BROWSER,
    needs_runtime,
]
GROWTH = 48 * 2**20  # bytes; if each of the 400 drags leaked only the weights, memory would grow by 0.6 GB
OPEN = "window.model = await Model.open({ ...at('mnist'), gamma: 1 });"
DECODE = "await model.decode(normal(784, 1))"


def has_workers(page, count: int) -> None:
    """Waits until the page has so many workers. A terminated worker disappears with a short delay."""
    until(lambda: page.tab.evaluate("() => true") and len(page.tab.workers) == count)


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    place = tmp_path_factory.mktemp("families")
    return {name: publish(ib.family(name, folders()[0]), place / name) for name in ("mnist", "cifar10")}


@pytest.fixture(scope="module")
def flow(chrome, families):
    with bare_server(families) as host:
        context = chrome.new_context()
        yield FlowPage(context.new_page(), host)
        context.close()


@pytest.fixture
def page(flow):
    """The page without an open model; its server changes no file."""
    flow.host.changed.clear()
    flow.load()
    return flow


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


def one_sentence(text: str) -> None:
    assert text and "\n" not in text and len(text) < 200 and ". " not in text, text


@pytest.mark.slow
@pytest.mark.parametrize(
    "file, change, said",
    [
        ("mnist-gamma-1.", flip, "arrived damaged: load the page again"),
        ("mnist-gamma-1.", lambda data: data[:-100], "arrived damaged: load the page again"),
        ("check.", flip, "arrived damaged: load the page again"),
        ("family.json", lambda data: data.replace(b'"format": 1', b'"format": 3'), "another version: load the page"),
    ],
)
def test_what_arrives_damaged_is_refused_in_a_sentence_and_fetched_again_later(page, file, change, said):
    page.host.changed[file] = change
    problem = page.problem(OPEN)
    one_sentence(problem)
    assert said in problem
    page.host.changed.clear()
    assert page.problem(OPEN) == ""


@pytest.mark.slow
def test_weights_that_arrive_damaged_in_the_middle_of_a_drag_leave_the_model_as_it_was(page):
    page.run(OPEN)
    before = page.run(f"return {DECODE};")
    page.host.changed["mnist-gamma-4.63"] = flip
    assert "arrived damaged" in page.problem("await model.setGamma(20);")
    assert page.run("return model.current.gamma;") == 1
    np.testing.assert_array_equal(page.run(f"return {DECODE};"), before)
    page.host.changed.clear()
    assert page.run("return (await model.setGamma(20)).gamma;") == 20


@pytest.mark.slow
def test_a_browser_that_computes_other_numbers_is_refused(page, families):
    """The server changes the numbers that Python computed for an example, and their checksum in the manifest."""
    folder = families["mnist"]
    name = json.loads((folder / "family.json").read_text())["check"]["file"]
    data = (folder / name).read_bytes()
    other = data[:-4] + (np.frombuffer(data[-4:], "<f4") + 5).tobytes()  # adds five nats to the last log q(x | y)
    before, after = (f'"crc32": {zlib.crc32(one)}'.encode() for one in (data, other))
    assert before in (folder / "family.json").read_bytes()
    page.host.changed["check."] = lambda data: other
    page.host.changed["family.json"] = lambda data: data.replace(before, after)
    problem = page.problem(OPEN)
    one_sentence(problem)
    assert "computes wrong numbers" in problem


@pytest.mark.parametrize(
    "file", mostly_slow(["family.json", "encode.", "ort.wasm.min.mjs", "ort-wasm-simd-threaded.wasm"])
)
def test_a_file_that_is_not_there_is_a_problem_and_not_a_wait_and_is_tried_again(page, file):
    page.host.changed[file] = lambda data: b""
    assert page.problem(OPEN) and page.problem("await sharedModel(at('mnist'), 1);")
    has_workers(page, 0)
    page.host.changed.clear()
    assert page.run("return (await sharedModel(at('mnist'), 1)).manifest.data;") == "mnist"


@pytest.mark.slow
def test_of_requests_with_one_key_and_of_gammas_only_the_newest_is_answered(page):
    page.run(OPEN)
    found = page.run(
        """const every = [1, 2, 3, 4, 5].map((seed) => model.decode(normal(784, seed), "key"));
        const other = model.decode(normal(784, 6), "another");
        const done = await Promise.all(every);
        return { done: done.map(Boolean), same: [...done[4]].join() === [...await model.decode(normal(784, 5))].join(),
            other: Boolean(await other) };"""
    )
    done = found["done"]
    assert done[-1] and not all(done)  # the first request may start before the others arrive
    assert found["same"] and found["other"]
    found = page.run("return Promise.all([2, 3, 4, 5].map(async (g) => (await model.setGamma(g))?.gamma ?? 0));")
    assert found == [0, 0, 0, 5]
    assert page.run("return model.current.gamma;") == 5


@pytest.mark.slow
def test_a_worker_that_dies_rejects_what_waits_and_the_next_page_gets_another(page):
    assert page.run(
        "window.model = await sharedModel(at('mnist'), 1); return model === await sharedModel(at('mnist'), 2);"
    )
    page.run("window.waits = model.evaluate(new Float32Array(64 * 784)).then(() => '', (error) => error.message);")
    page.tab.workers[0].evaluate("() => setTimeout(() => { throw new Error('it died'); })")
    page.tab.wait_for_function("() => model.hasEnded")
    assert page.run("return window.waits;") in ("", "Uncaught Error: it died")  # or it was answered before
    assert "it died" in page.problem(f"{DECODE};")
    assert page.run("window.model = await sharedModel(at('mnist'), 2); return model.current.gamma;") == 2
    assert len(page.run(f"return {DECODE};")) == 784
    has_workers(page, 1)


@pytest.mark.slow
def test_an_error_within_webassembly_ends_the_worker(page):
    page.run(OPEN)
    fatal = "{ id: -1, problem: 'memory access out of bounds', isFatal: true }"
    page.tab.workers[0].evaluate(f"() => self.postMessage({fatal})")
    page.tab.wait_for_function("() => model.hasEnded")
    assert page.problem(f"{DECODE};") == "memory access out of bounds"
    has_workers(page, 0)


@pytest.mark.slow
def test_a_page_that_is_left_while_a_family_loads_gives_it_up(page):
    found = page.problem(
        """const first = sharedModel(at("mnist"), 1);
        window.second = sharedModel(at("cifar10"), 1);
        await first;"""
    )
    assert found == "another family was chosen meanwhile"
    assert page.run("return (await second).manifest.data;") == "cifar10"
    has_workers(page, 1)


@pytest.mark.slow
def test_a_model_that_was_closed_answers_by_nothing(page):
    page.run(OPEN)
    waits = "model.evaluate(new Float32Array(64 * 784))"
    assert page.run(f"const waits = {waits}; model.close(); return [await waits, await {waits}];") == [None, None]
    assert page.run("return model.hasEnded;")
    has_workers(page, 0)


def test_without_webassembly_it_is_said_in_a_sentence(page):
    page.host.changed["worker.js"] = lambda data: b"delete globalThis.WebAssembly;\n" + data
    assert page.problem(OPEN) == "this browser has no WebAssembly"
    check = "await sharedModel(at('mnist'), 1);"
    assert page.problem(check) == "this browser has no WebAssembly"
    has_workers(page, 0)


def renderers_memory() -> int:
    """Returns the memory of the renderers of this process's browsers, in bytes."""
    every = psutil.Process(os.getpid()).children(recursive=True)
    return sum(one.memory_info().rss for one in every if "--type=renderer" in " ".join(one.cmdline()))


@pytest.mark.slow
def test_hundreds_of_drags_and_other_families_leave_no_memory_behind(page):
    page.run(OPEN)
    drag = f"""for (let turn = 0; turn < arg; turn++) {{
        await model.setGamma(Math.exp(3 * Math.sin(turn)), "gamma");
        {DECODE};
        await model.evaluate(new Float32Array(784).fill(0.5), "look");
    }}"""
    held = []
    for _ in range(10):
        page.run(drag, 40)
        held.append(renderers_memory())
    # Garbage that is not yet collected goes up and down. Once the heap has its size, the minimum does not grow.
    assert min(held[-3:]) - min(held[3:6]) < GROWTH, held
    page.run("model.close();")
    change = """for (let turn = 0; turn < arg; turn++) {
        for (const name of ["mnist", "cifar10"]) await (await sharedModel(at(name), 1)).setGamma(turn + 0.5);
    }"""
    page.run(change, 2)
    before = renderers_memory()
    page.run(change, 3)
    has_workers(page, 1)
    assert renderers_memory() - before < 2 * GROWTH
