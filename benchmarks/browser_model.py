"""Measures how fast a browser runs a family's models, next to PyTorch and onnxruntime on the same machine.

    python benchmarks/browser_model.py [--data mnist --data cifar10] [--moves 60] [--threads 2] [--no-app]

The first table has milliseconds per image at γ = 1, for single images and batches of 16. "Encode" computes z and log
q(x | y) of an image, and "decode" the image of a latent. PyTorch and onnxruntime use the given number of threads. The
browser uses one thread, as on every page without cross-origin isolation. "Opening" is loading and checking the
model, with files from this machine.

The second table has milliseconds from a pointer event to an image, in headless Chromium without a GPU (median, 95 %):

    pointer    The pointer moves, and the image of another latent is drawn on a canvas. The clock runs from the event's
               time stamp to the frame after the painting.
    γ          The same, but the pointer sets another γ, whose weights are mixed first.
    the app    On the page Explore, γ's slider is released at another γ. The clock runs until the first sample and until
               all samples are drawn. On Write, the clock runs from a move of the pen until bars and needle change.

Run it on an idle machine. It needs onnxruntime-web (python tools/vendor.py flow), Chromium, and the packages of
requirements-test.txt.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from flow_page import FlowPage, flat  # noqa: E402
from hosting import bare_server  # noqa: E402

import ibinn_core as ib  # noqa: E402
from app.site.packed import is_complete  # noqa: E402
from ibinn_core.checkpoint import folders  # noqa: E402
from ibinn_core.onnx import publish, to_onnx  # noqa: E402
from tools.screenshots import browser, chromium, serving, settle  # noqa: E402

GAMMA, BATCH, REPEATS, WARM = 1.0, 16, 25, 3

#: In the page: an image follows the pointer, along a line in latent space or over γ; `window.times` collects durations.
HAND = """([z, direction, overGamma]) => {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const [channels, height, width] = model.manifest.image_shape;
    Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    const size = height * width;
    window.times = [];
    const follow = async (event) => {
        const share = event.clientX / window.innerWidth;
        if (overGamma) await model.setGamma(Math.exp(4 * share - 2));
        const x = await model.decode(Float32Array.from(z, (value, at) => value + share * direction[at]));
        const image = new ImageData(width, height);
        for (let at = 0; at < size; at++) {
            for (let part = 0; part < 3; part++) {
                image.data[4 * at + part] = 256 * x[(channels === 3 ? part : 0) * size + at];
            }
            image.data[4 * at + 3] = 255;
        }
        pen.putImageData(image, 0, 0);
        requestAnimationFrame(() => window.times.push(performance.now() - event.timeStamp));
    };
    window.stop = () => document.removeEventListener("pointermove", follow);
    document.addEventListener("pointermove", follow);
}"""

#: In the app: the time when the slider is released, and the times when the figure of the samples is drawn.
WATCH = """() => {
    window.drawn = [];
    document.addEventListener("pointerup", (event) => (window.released = event.timeStamp), true);
    const pen = CanvasRenderingContext2D.prototype, { putImageData: put } = pen;
    pen.putImageData = function (...given) {
        put.apply(this, given);
        if (this.canvas.closest(".st-key-samples-0")) window.drawn.push(performance.now());
    };
}"""
STROKE = """() => {
    window.times = [];
    let moved = 0;
    document.addEventListener("pointermove", (event) => (moved = event.timeStamp), true);
    document.addEventListener("figure-drawn", ({ detail }) => {
        if (detail.key === "bayes") requestAnimationFrame(() => window.times.push(performance.now() - moved));
    });
}"""


def milliseconds(run: Callable[[], object], images: int) -> float:
    """Returns the median of several runs, per image."""
    times = []
    for number in range(WARM + REPEATS):
        start = time.perf_counter()
        run()
        if number >= WARM:
            times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times) / images


def on_this_machine(model, x: torch.Tensor, threads: int) -> dict[str, list[float]]:
    """Measures PyTorch and onnxruntime: encode and decode, for single images and in a batch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    rows: dict[str, list[float]] = {"PyTorch": [], "onnxruntime": []}
    with tempfile.TemporaryDirectory() as place, torch.no_grad():
        folder = to_onnx(model, Path(place) / "model")
        encode, decode = (
            onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            for name in ("encode.onnx", "decode.onnx")
        )
        z = model.encode(x)
        for given, latents in ((x[:1], z[:1]), (x, z)):
            count, feed, back = len(given), {"x": given.numpy()}, {"z": latents.numpy()}
            rows["PyTorch"] += [
                milliseconds(lambda given=given: model.evaluate(given), count),
                milliseconds(lambda latents=latents: model.decode(latents), count),
            ]
            rows["onnxruntime"] += [
                milliseconds(lambda feed=feed: encode.run(None, feed), count),
                milliseconds(lambda back=back: decode.run(None, back), count),
            ]
    return rows


def in_the_browser(page: FlowPage, x: torch.Tensor, z: torch.Tensor) -> list[float]:
    """Measures encode and decode in the browser, for single images and in a batch."""
    return page.run(
        """const times = [];
        for (const count of [1, arg.batch]) {
            const some = (values) => floats(values.slice(0, (values.length / arg.batch) * count));
            const [x, z] = [some(arg.x), some(arg.z)];
            for (const run of [() => model.evaluate(x), () => model.decode(z)]) {
                const every = [];
                for (let turn = 0; turn < arg.repeats; turn++) {
                    const start = performance.now();
                    await run();
                    every.push((performance.now() - start) / count);
                }
                times.push(every.sort((a, b) => a - b)[every.length >> 1]);
            }
        }
        return times;""",
        {"x": flat(x), "z": flat(z), "batch": BATCH, "repeats": REPEATS},
    )


def hand_to_picture(page: FlowPage, z: torch.Tensor, moves: int, over_gamma: bool) -> list[float]:
    """Measures the milliseconds from each move of the pointer to the picture."""
    page.tab.mouse.move(1, 100)
    page.tab.evaluate(HAND, [flat(z[0]), flat(z[1] - z[0]), over_gamma])
    for number in range(moves):
        page.tab.mouse.move(20 + (number * 197) % 1200, 100)
        page.tab.wait_for_function("count => window.times.length >= count", arg=number + 1)
    page.tab.evaluate("() => window.stop()")
    return page.tab.evaluate("() => window.times")[WARM:]


def both(times: list[float]) -> str:
    """Formats the median and the 95th percentile."""
    return f"{statistics.median(times):.0f} / {np.quantile(times, 0.95):.0f}"


def released_to_samples(tab, address: str, data: str, times: int) -> tuple[list[float], list[float]]:
    """Measures the page Explore: from the release of the γ slider to the first new samples, and to the last."""
    tab.goto(f"{address}/explore?tab=sample&data={data}")
    settle(tab)
    slider = tab.locator("[data-slider]").first
    box = slider.bounding_box()
    first, last = [], []
    tab.evaluate(WATCH)
    for number in range(times + 1):
        tab.evaluate("() => { window.drawn = []; window.released = 0; }")
        tab.mouse.move(box["x"] + box["width"] * (0.3 + 0.037 * (7 * number % 13)), box["y"] + box["height"] / 2)
        tab.wait_for_timeout(300)
        tab.mouse.down()
        tab.mouse.up()
        tab.wait_for_function("() => window.released && window.drawn.length", timeout=60_000)
        settle(tab)
        tab.wait_for_timeout(500)
        drawn = tab.evaluate("() => window.drawn.map((at) => at - window.released)")
        if number:  # the first release waits for the model
            first.append(drawn[0])
            last.append(drawn[-1])
    return first, last


def stroke_to_bars(tab, address: str, moves: int) -> list[float]:
    """Measures the page Test an image: from a move of the pen to the bars."""
    tab.goto(f"{address}/test-an-image")
    settle(tab)
    box = tab.locator(".pad-canvas").bounding_box()
    tab.mouse.move(box["x"] + 60, box["y"] + 60)
    tab.evaluate(STROKE)
    tab.mouse.down()
    for number in range(moves):
        at = 0.2 + 0.6 * number / moves
        tab.mouse.move(box["x"] + at * box["width"], box["y"] + (0.5 + 0.3 * np.sin(9 * at)) * box["height"])
        tab.wait_for_function("count => window.times.length >= count", arg=number + 1, timeout=120_000)
    tab.mouse.up()
    return tab.evaluate("() => window.times")[WARM:]


def main() -> int:
    """Prints both tables and returns 0, or 1 if Chromium or onnxruntime-web is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", choices=["mnist", "cifar10"], help="data set; default: both")
    parser.add_argument("--moves", type=int, default=60, help="moves of the pointer")
    parser.add_argument("--releases", type=int, default=10, help="releases of γ's slider")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch and onnxruntime")
    parser.add_argument("--no-app", action="store_true", help="skip the app's pages")
    options = parser.parse_args()
    if not is_complete() or chromium() is None:
        print("This needs Chromium and onnxruntime-web: python tools/vendor.py flow", file=sys.stderr)
        return 1
    torch.set_num_threads(options.threads)
    chosen = options.data or ["mnist", "cifar10"]
    hand_rows: list[str] = []
    print("| ms per image | encode one | decode one | encode, batch of 16 | decode, batch of 16 | opening |")
    print("| --- | --- | --- | --- | --- | --- |")
    families: dict[str, Path] = {}
    with browser() as instance, bare_server(families) as host, tempfile.TemporaryDirectory() as place:
        for data in chosen:
            family = ib.family(data, folders()[0])
            model = family.at(GAMMA)
            generator = torch.Generator().manual_seed(0)
            x = model.sample([k % model.num_classes for k in range(BATCH)], 0.7, generator=generator).clamp(0, 1)
            z = model.encode(x)
            for name, row in on_this_machine(model, x, options.threads).items():
                print(f"| {data}, {name} | {' | '.join(f'{value:.1f}' for value in row)} | |", flush=True)
            families[data] = publish(family, Path(place) / data)
            page = FlowPage(instance.new_context(viewport={"width": 1280, "height": 720}).new_page(), host)
            start = time.perf_counter()
            page.open(data, GAMMA)
            opening = time.perf_counter() - start
            row = " | ".join(f"{value:.1f}" for value in in_the_browser(page, x, z))
            print(f"| {data}, browser | {row} | {1000 * opening:.0f} |", flush=True)
            for name, over_gamma in (("pointer", False), ("γ", True)):
                hand_rows.append(f"| {data}, {name} | {both(hand_to_picture(page, z, options.moves, over_gamma))} |")
            page.tab.context.close()
        if not options.no_app:
            with serving() as address:
                tab = instance.new_context(viewport={"width": 1280, "height": 720}).new_page()
                tab.set_default_timeout(120_000)
                for data in chosen:
                    first, last = released_to_samples(tab, address, data, options.releases)
                    hand_rows.append(f"| {data}, the app: γ released, first samples | {both(first)} |")
                    hand_rows.append(f"| {data}, the app: γ released, all samples | {both(last)} |")
                if "mnist" in chosen:
                    hand_rows.append(
                        f"| mnist, the app: pen to bars | {both(stroke_to_bars(tab, address, options.moves))} |"
                    )
    print("\n| from the pointer to the picture, ms | median / 95 % |\n| --- | --- |")
    print("\n".join(hand_rows))
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
