"""Measures how fast the playground's model trains in a browser, next to PyTorch on the same problem in the same run.

    python benchmarks/playground.py [--points 1000] [--couplings 8] [--width 32] [--steps 1000] [--seeds 5]

The problem is two moons at γ = 1, with all points in each step, in Float64. PyTorch runs the page's own program in one
thread. The command prints three tables:

- Steps per second without drawing, and the milliseconds of a snapshot, which contains all that the page draws. Both are
  given as clock time and as processor time, which are about equal on an idle machine.
- Seconds of training to 95 % accuracy on 1,000 new points, checked every ten steps: median and largest of all seeds.
- Frames a second of the app's page while it trains, in a window of 1280×720 without a graphics card.

It needs Chromium and the packages of requirements-test.txt.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

import torch  # noqa: E402
from hosting import bare_server  # noqa: E402

from app.play_text import Aim, Play  # noqa: E402
from app.playground.program import program  # noqa: E402
from tools.screenshots import browser, chromium, serving, settle  # noqa: E402

WARM = 300  # steps until a browser has compiled the inner loops
RATE, NOISE, EVERY, MOST = 0.01, 0.1, 10, 5000

#: In the page: the modules that the scripts below use by name.
LOAD = """async () => Object.assign(window, ...await Promise.all(
    ["data", "trainer"].map((name) => import(`/app/static/playground/${name}.js`))))"""

#: In the page: the data and the settings of the problem with a given seed.
SETTINGS = """
    const data = (seed) => made({ kind: "moons", classes: 2, count: arg.points, noise: arg.noise, seed });
    const settings = (seed) => ({
        ...data(seed), held: data(seed + 5000), classes: 2, couplings: arg.couplings, width: arg.width, seed,
        objective: "ib", gamma: 1, learningRate: arg.rate,
    });"""
OPEN = SETTINGS + "window.trainer = new Trainer(); await trainer.start(settings(0));"
REACH = (
    SETTINGS
    + """
    const start = performance.now(), trainer = new Trainer();
    let found = await trainer.start(settings(arg.seed));
    while (found.error > 0.05 && found.step < arg.most) found = await trainer.step(arg.every);
    trainer.close();
    return [(performance.now() - start) / 1000, found.step, found.error];"""
)

#: Counts the drawn pictures of data space for the given milliseconds; returns their number per second.
PICTURES = """async (milliseconds) => {
    const canvas = document.querySelector("canvas"), kind = CanvasRenderingContext2D.prototype, draw = kind.drawImage;
    const frames = new Set();
    let frame = 0;
    kind.drawImage = function (...given) {
        if (this.canvas === canvas) frames.add(frame);
        return draw.apply(this, given);
    };
    const start = performance.now();
    for (; performance.now() - start < milliseconds; frame += 1) await new Promise(requestAnimationFrame);
    kind.drawImage = draw;
    return 1000 * frames.size / (performance.now() - start);
}"""
SECONDS = 5  # time in which pictures are counted, after two seconds of warm-up


def timed(work: Callable[[], object], processor: Callable[[], float]) -> tuple[float, float]:
    """Returns the clock time and the processor time in seconds."""
    start, used = time.perf_counter(), processor()
    work()
    return time.perf_counter() - start, processor() - used


def rate(count: int, seconds: float) -> str:
    """Returns steps per second, or "–" for less than one tick: Chromium counts processor time in ticks of 10 ms."""
    return f"{count / seconds:.0f}" if seconds else "–"


def in_python(options: argparse.Namespace, seed: int) -> dict:
    """Runs the page's program up to the training; returns its variables."""
    size = {"count": options.points, "couplings": options.couplings, "width": options.width}
    play = Play(kind="moons", classes=2, noise=NOISE, seed=seed, rate=RATE, aims=(Aim("ib", 1.0),), **size)
    text = program(play, steps=0, has_own_points=False)
    names: dict = {}
    with redirect_stdout(StringIO()):
        exec(compile(text, "program", "exec"), names)
    names["held"] = (names["points"], names["labels"])
    names["points"], names["labels"] = names["made"](seed)
    return names


def step(names: dict) -> None:
    loss = names["objective"](names["mixture"], *names["flow"](names["points"]), names["labels"]).total
    names["adam"].zero_grad()
    loss.backward()
    names["adam"].step()


def reach(options: argparse.Namespace, seed: int) -> tuple[float, int, float]:
    """Trains as :data:`REACH` does, but with PyTorch; returns seconds, steps and error."""
    start, names, taken = time.perf_counter(), in_python(options, seed), 0
    points, labels = names["held"]
    while True:
        with torch.no_grad():
            error = (names["mixture"].scores(names["flow"](points)[0]).argmax(1) != labels).double().mean().item()
        if error <= 0.05 or taken >= MOST:
            return time.perf_counter() - start, taken, error
        for _ in range(EVERY):
            step(names)
        taken += EVERY


def pictures(tab, address: str, options: argparse.Namespace, models: str) -> float:
    """Counts pictures per second while the app's page trains these models, given in the notation of the page's link."""
    play = f"moons~count:{options.points}~couplings:{options.couplings}~width:{options.width}~steps:0{models}"
    tab.goto(f"{address}/playground?play={play}")
    settle(tab)
    tab.locator('[data-playground][data-state="resting"]').wait_for()
    tab.locator("[data-run]").click()
    tab.evaluate(PICTURES, 2000)
    return tab.evaluate(PICTURES, 1000 * SECONDS)


def main() -> int:
    """Prints the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--couplings", type=int, default=8)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--steps", type=int, default=1000, help="steps that are timed")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    if chromium() is None:
        print("This needs Chromium.", file=sys.stderr)
        return 1
    torch.set_num_threads(1)
    given = {**vars(options), "noise": NOISE, "rate": RATE, "every": EVERY, "most": MOST}
    with browser() as instance, bare_server() as host:
        tab = instance.new_page()
        tab.goto(host.address)
        tab.evaluate(LOAD)
        session = instance.new_browser_cdp_session()

        def run(script: str, arg: object):
            return tab.evaluate(f"async (arg) => {{ {script} }}", arg)

        def of_the_browser() -> float:
            return sum(one["cpuTime"] for one in session.send("SystemInfo.getProcessInfo")["processInfo"])

        run(OPEN, given)
        run("await trainer.step(arg);", WARM)
        snapshots = 50
        clock, used = timed(lambda: run("await trainer.step(arg);", options.steps), of_the_browser)
        shown = timed(lambda: run("for (let n = 0; n < arg; n++) await trainer.step(0);", snapshots), of_the_browser)
        print("| | steps per second | of processor time | ms per snapshot | of processor time |")
        print("| --- | --- | --- | --- | --- |")
        rates = f"{rate(options.steps, clock)} | {rate(options.steps, used)}"
        print(f"| browser | {rates} | {' | '.join(f'{1000 * each / snapshots:.1f}' for each in shown)} |", flush=True)
        names = in_python(options, 0)
        for _ in range(WARM // 10):
            step(names)
        count = max(1, options.steps // 5)
        clock, used = timed(lambda: [step(names) for _ in range(count)], time.process_time)
        print(f"| PyTorch | {rate(count, clock)} | {rate(count, used)} | | |\n", flush=True)

        print("| seconds to 95 % | median | largest | processor seconds, all | steps, median |")
        print("| --- | --- | --- | --- | --- |")
        for name, trained, processor in (
            ("browser", lambda seed: run(REACH, {**given, "seed": seed}), of_the_browser),
            ("PyTorch", lambda seed: reach(options, seed), time.process_time),
        ):
            found: list = []
            _, used = timed(
                lambda trained=trained, found=found: found.extend(map(trained, range(options.seeds))), processor
            )
            seconds, taken, errors = zip(*found, strict=True)
            assert max(errors) <= 0.05, f"{name} does not reach 95 % in {MOST} steps"
            numbers = f"{statistics.median(seconds):.2f} | {max(seconds):.2f} | {used:.2f}"
            print(f"| {name} | {numbers} | {statistics.median(taken):.0f} |", flush=True)
    with browser() as instance, serving() as address:
        tab = instance.new_page(viewport={"width": 1280, "height": 720})
        print("\n| pictures a second | |")
        print("| --- | --- |")
        for name, models in (("one model", ""), ("two models, γ = 0.1 and 10", "~a:ib:0.1~b:ib:10")):
            print(f"| {name} | {pictures(tab, address, options, models):.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
