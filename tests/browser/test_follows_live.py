"""Figures that a browser computes while γ's slider moves, on a bare page: the same as Python draws at that γ."""

import math

import numpy as np
import pytest
from browser_helpers import GREY, IN_A_BROWSER, NEAR
from flow_page import needs_runtime
from grid_helpers import mostly_slow

import ibinn_core as ib
from app import panel
from app.figures.bars import posterior_bars
from app.figures.bayes import BINS
from app.figures.layout import TOOLS
from app.images.handwriting import digit, from_text, to_text
from app.images.pictures import own
from app.inference import computations
from app.latent_space import clouds
from app.latent_space.plane import Plane, show_plane
from app.models import live, registry
from app.models.in_browser import Addresses, addresses_of
from app.models.live import as_picture, follow_live, packed
from app.panels import judge
from app.panels import write as write_panel
from app.panels.chosen_images import posterior
from app.vendor import published_modules
from app.widgets.figure import show_figure
from app.widgets.tiles import Tiles, show_tiles
from ibinn_core.checkpoint import Checkpoint
from ibinn_core.data import DATASETS

pytestmark = [
    *IN_A_BROWSER,
    needs_runtime,
]
START, ON_THE_WAY, END = 1.0, 2.5, 9.5
CLASSES, COUNT, SEED = [1, 4, 7], 4, 5
SEVEN = [[(0.2, 0.1), (0.5, 0.1), (0.8, 0.1)], [(0.8, 0.1), (0.6, 0.5), (0.4, 0.9)]]


@pytest.fixture(scope="module")
def family():
    found = registry.weight_space(registry.family_of(registry.by_id("mnist-gamma-1")))
    assert addresses_of(found.members[0]) is not None, "the committed archive cannot be published"
    return found


@pytest.fixture
def at(family):
    """The checkpoint at a γ."""
    return lambda gamma: registry.place(family, gamma)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """One that is no test image, uint8 ``(28, 28, 1)``."""
    return digit([[(0.3, 0.1), (0.7, 0.2), (0.5, 0.9)]])


def place_of(family, gamma: float) -> dict:
    """The slider's message of a γ."""
    positions = [family.position(place.gamma) for place in family.curve]
    here = family.position(gamma)
    above = next(n for n, position in enumerate(positions) if position >= here)
    low = above if positions[above] == here else above - 1
    share = 0 if low == above else (here - positions[low]) / (positions[above] - positions[low])
    return {"gamma": gamma, "place": {"low": low, "high": above, "share": share}}


def move(bare, family, gamma: float) -> None:
    """The slider's message."""
    told = "detail => document.dispatchEvent(new CustomEvent('gamma-moved', { detail }))"
    bare.tab.evaluate(told, place_of(family, gamma))


def wait_until_shown(bare, images: np.ndarray) -> None:
    """Until the grid shows images ``(R, C, side, side, 1)``."""
    grid = f"[...document.querySelectorAll('.st-key-grid canvas')].flatMap({GREY})"
    bare.tab.wait_for_function(f"wanted => ({NEAR})({grid}, wanted)", arg=images.astype(int).ravel().tolist())


# --- samples and walks --------------------------------------------------------------------------------------


def guidance_of(center: str) -> float:
    return DATASETS["mnist"].guidance if center == "empirical" else 1.0


def samples(checkpoint: Checkpoint, center: str, temperature: float) -> tuple[np.ndarray, list[str]]:
    """The images of each class, and what is written on them."""
    parts = [
        computations.samples(checkpoint.id, [k] * COUNT, temperature, center, guidance_of(center), SEED)
        for k in CLASSES
    ]
    return np.stack([part.shown for part in parts]), [mark for part in parts for mark in part.marks]


def show_grid(bare, checkpoint: Checkpoint, images: np.ndarray, kind: str, task: dict) -> None:
    titles = [""] * (images.shape[0] * images.shape[1])
    tiles = Tiles("grid", images, titles, "a grid", rows=[str(n) for n in range(len(images))])

    def show() -> None:
        show_tiles(tiles, lambda picked: None)
        follow_live("grid", checkpoint, kind, task)

    bare.mount(show)


def show_samples(bare, checkpoint: Checkpoint, center: str, temperature: float) -> np.ndarray:
    """Shows them as the page Explore does; returns the images."""
    task = {
        "columns": COUNT,
        "shape": checkpoint.dataset.image_shape,
        "classes": CLASSES,
        "temperature": temperature,
        "center": center,
        "guidance": guidance_of(center),
        "seed": SEED,
    }
    images, _ = samples(checkpoint, center, temperature)
    show_grid(bare, checkpoint, images, "samples", task)
    return images


@pytest.mark.parametrize("center, temperature", mostly_slow([("empirical", 0.7), ("mean", 1.0)]))
def test_samples_follow_the_slider_and_are_what_the_program_draws_when_it_is_let_go(
    bare, family, at, center, temperature
):
    show_samples(bare, at(START), center, temperature)
    for gamma in (ON_THE_WAY, END):
        move(bare, family, gamma)
    images, marks = samples(at(END), center, temperature)
    wait_until_shown(bare, images)
    assert bare.tab.evaluate("[...document.querySelectorAll('.tile span')].map((one) => one.textContent)") == marks
    wait_until_shown(bare, show_samples(bare, at(END), center, temperature))


#: The slider tells a new grid where the hand is.
ANSWER = """detail => {
    window.answering?.abort();
    window.answering = new AbortController();
    document.addEventListener("gamma-asked", () => document.dispatchEvent(new CustomEvent("gamma-moved", { detail })),
        { signal: window.answering.signal });
}"""


def test_what_the_program_draws_of_a_place_that_the_slider_has_passed_gives_way(bare, family, at):
    started = show_samples(bare, at(START), "mean", 1.0)
    end, _ = samples(at(END), "mean", 1.0)
    for gamma in (ON_THE_WAY, END):
        move(bare, family, gamma)
    wait_until_shown(bare, end)
    bare.tab.evaluate(ANSWER, place_of(family, END))
    try:
        show_samples(bare, at(ON_THE_WAY), "mean", 1.0)  # the program's answer to where the slider was before
        wait_until_shown(bare, end)
    finally:
        bare.tab.evaluate("() => window.answering.abort()")
    move(bare, family, START)
    wait_until_shown(bare, started)


OTHER, STEPS = ib.data.embedded("mnist")[0][3], COUNT  # so that a sample of the last class would be in the last row


def walked(checkpoint: Checkpoint, image: np.ndarray) -> np.ndarray:
    """Two rows of a walk, and one that does not follow."""
    paths = ("spherical", "linear")
    rows = [computations.walk(checkpoint.id, image, OTHER, STEPS, path).shown for path in paths]
    return np.stack([*rows, np.full_like(rows[0], 77)])


def show_walk(bare, checkpoint: Checkpoint, image: np.ndarray) -> None:
    """Shows them as the page Explore does."""
    task = {
        "columns": STEPS,
        "shape": checkpoint.dataset.image_shape,
        "ends": [packed(image), packed(OTHER)],
        "noise": checkpoint.noise,
        "rows": [{"row": 0, "path": "spherical"}, {"row": 1, "path": "linear"}],
    }
    show_grid(bare, checkpoint, walked(checkpoint, image), "walks", task)


#: The worker is asked to decode nothing until ``release()``.
HOLD = """() => {
    const held = [], { postMessage: post } = Worker.prototype;
    Worker.prototype.postMessage = function (request) {
        if (request.method === "decode") held.push(() => post.call(this, request)); else post.call(this, request);
    };
    window.countHeld = () => held.length;
    window.release = () => { Worker.prototype.postMessage = post; for (const send of held) send(); };
}"""


def test_the_rows_of_a_walk_follow_and_nothing_of_the_figure_before_is_put_into_them(bare, family, at, image):
    show_samples(bare, at(START), "mean", 1.0)
    bare.tab.evaluate(HOLD)
    try:
        move(bare, family, ON_THE_WAY)
        bare.tab.wait_for_function("() => window.countHeld() === 1")
        show_walk(bare, at(START), image)
        move(bare, family, END)
    finally:
        bare.tab.evaluate("() => window.release()")
    wait_until_shown(bare, walked(at(END), image))


# --- one image ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gamma", [END, 0.0, math.inf])
def test_star_and_bars_of_an_image_follow(bare, family, at, image, gamma):
    def show(checkpoint: Checkpoint) -> None:
        answer = computations.evaluate(checkpoint.id, image[None])
        panel.show_part(posterior("figure", answer, "the image", None, image))

    def show_star(checkpoint: Checkpoint) -> None:
        show_plane(Plane("plane", "dots", checkpoint.id, np.zeros((1, 2)), np.zeros(1), ["0"], ["#000000"], np.eye(2)))
        task = {"picture": as_picture(checkpoint, image), "anchors": clouds.anchors_of_plane(checkpoint).tolist()}
        follow_live("plane", checkpoint, "star", task)

    wanted = computations.evaluate(at(gamma).id, image[None])
    bare.mount(lambda: show(at(START)))
    move(bare, family, gamma)
    bare.until("arg.every((p, k) => Math.abs(plot.data[0].x[k] - p) < 1e-3)", wanted.posterior[0].tolist())
    bare.mount(lambda: show_star(at(START)))
    move(bare, family, START + 1)
    move(bare, family, gamma)
    place = clouds.place(at(gamma), "means", wanted.latents)[0].tolist()
    module = f"/app/static/vendor/{published_modules()}/plane/component.js"
    near = """async ([module, x, y]) => {
        const { star } = (await import(module)).cloudOf("plane");
        return star && Math.hypot(star[0] - x, star[1] - y) < 0.01; }"""
    bare.tab.wait_for_function(near, arg=[module, *place])


READ = """(() => { const plot = window.plotOf("bayes"); return {
    x: Object.fromEntries(plot.data.map((t) => [t.uid, [...t.x]])),
    text: Object.fromEntries(plot.data.map((t) => [t.uid, t.text ?? null])),
    titles: ["xaxis", "xaxis2", "xaxis3"].map((a) => plot.layout[a].title.text),
    notes: plot.layout.annotations.filter((n) => n.name && n.text).map((n) => n.text) }; })()"""


def agree(found: dict, wanted: dict) -> None:
    """Whether two figures of Bayes' rule are the same, as :data:`READ` reads them."""
    for part in ("likelihood-0", "prior-0", "joint-0", "posterior-0", "shares-0"):
        np.testing.assert_allclose(found["x"][part], wanted["x"][part], atol=5e-3)
        assert found["text"][part] == wanted["text"][part]
    assert found["titles"] == wanted["titles"] and sorted(found["notes"]) == sorted(wanted["notes"])
    np.testing.assert_allclose(found["x"]["needle-0"], wanted["x"]["needle-0"], atol=5e-3)
    assert len(found["x"]["strip-0"]) == BINS
    np.testing.assert_allclose(found["x"]["strip-0"], wanted["x"]["strip-0"], atol=0.02)


def test_the_row_of_bayes_rule_follows(bare, family, at, image):
    def show(checkpoint: Checkpoint) -> None:
        state = judge.State("mnist", checkpoint.id, [checkpoint.id], [], "")
        answer = computations.evaluate(checkpoint.id, image[None])
        panel.show_part(judge.bayes(state, own(image), [answer, computations.held_out(checkpoint.id)]))

    bare.mount(lambda: show(at(START)))
    before = bare.tab.evaluate(READ)
    move(bare, family, END)
    bare.tab.wait_for_function(f"(before) => {READ}.notes[0] !== before", arg=before["notes"][0])
    found = bare.tab.evaluate(READ)
    bare.mount(lambda: show(at(END)))
    agree(found, bare.tab.evaluate(READ))


# --- what a person writes -----------------------------------------------------------------------------------


@pytest.fixture
def write(bare, family):
    """``write(strokes)`` writes as a hand does; the slider, which is not here, says where it is."""
    told = "detail => document.addEventListener('gamma-asked', window.tellGamma = () =>"
    told += " document.dispatchEvent(new CustomEvent('gamma-change', { detail })))"
    bare.tab.evaluate(told, place_of(family, START))
    script = """async (strokes) => {
        const { digit } = await import("/app/static/flow/digit.js");
        document.dispatchEvent(new CustomEvent("pen-moved", { detail: digit(strokes) })); }"""
    yield lambda strokes: bare.tab.evaluate(script, strokes)
    bare.tab.evaluate("() => document.removeEventListener('gamma-asked', window.tellGamma)")


def show_panel(checkpoint: Checkpoint, strokes: str, beside: tuple[str, ...] = ()) -> None:
    """The figures of the panel."""
    state = write_panel.State("mnist", checkpoint.id, [checkpoint.id], beside, strokes)
    *_, view = write_panel.views(state)
    parts = view.draw(*(answer_here(one.function, one.arguments) for one in view.needs))
    for part in parts:
        if isinstance(part, panel.Plot | Plane):
            panel.show_part(part)


def answer_here(function, arguments):
    """The answer to a question, and to those that it needs."""
    return function(
        *(answer_here(one.function, one.arguments) if hasattr(one, "function") else one for one in arguments)
    )


def test_an_empty_figure_becomes_what_the_program_draws_of_what_is_written(bare, at, write):
    text = to_text(SEVEN)
    bare.mount(lambda: show_panel(at(START), ""))
    assert not any(bare.tab.evaluate(READ)["x"]["posterior-0"])
    write(from_text(text))
    bare.tab.wait_for_function(f"() => Math.max(...{READ}.x['posterior-0']) > 0.3")
    found = bare.tab.evaluate(READ)
    module = f"/app/static/vendor/{published_modules()}/plane/component.js"
    bare.tab.evaluate("async (module) => { window.cloudOf = (await import(module)).cloudOf; }", module)
    star = "(({ star, way }) => [...(star ?? way.at(-1) ?? [0, 0]), way.length])(window.cloudOf('plane'))"
    bare.tab.wait_for_function(f"() => {star}[2] === 1")
    x, y, _ = bare.tab.evaluate(star)
    write(from_text(text)[:1])
    bare.tab.wait_for_function(f"() => {star}[2] === 2")
    bare.mount(lambda: show_panel(at(START), text))  # less than is written
    assert bare.tab.evaluate(f"{star}[2]") == 2
    answered = "length => document.dispatchEvent(new CustomEvent('pen-answered', { detail: length }))"
    bare.tab.evaluate(answered, 1)
    bare.tab.wait_for_function(f"(x) => Math.abs({star}[0] - x) < 1e-2 && {star}[2] >= 2", arg=x)
    likelihood = f"{READ}.x['likelihood-0'][0]"
    bare.tab.wait_for_function(f"wanted => Math.abs({likelihood} - wanted) < 5e-3", arg=found["x"]["likelihood-0"][0])
    agree(found, bare.tab.evaluate(READ))
    assert bare.tab.evaluate(star)[1] == pytest.approx(y, abs=1e-2)
    bare.tab.evaluate(answered, 0)
    bare.tab.wait_for_function(f"() => {star}[2] === 0")


def test_what_other_models_say_is_hidden_until_they_have_seen_what_is_written(bare, at, write):
    bare.mount(lambda: show_panel(at(START), to_text(SEVEN[:1]), ("mnist-resnet",)))
    marks = "window.plotOf('bayes').data.filter((t) => t.uid.startsWith('beside') && t.visible !== false).length"
    assert bare.tab.evaluate(marks) == 1
    write(SEVEN)
    bare.tab.wait_for_function(f"() => {marks} === 0")
    bare.tab.evaluate("() => document.dispatchEvent(new CustomEvent('pen-answered', { detail: 2 }))")
    bare.tab.wait_for_function(f"() => {marks} === 1")


# --- where the browser cannot -------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses", [None, Addresses("/nowhere/", "/nowhere/")])
def test_where_the_browser_cannot_compute_one_line_says_so(bare, family, at, image, monkeypatch, addresses):
    monkeypatch.setattr(live, "addresses_of", lambda _: addresses)

    def show(checkpoint: Checkpoint) -> None:
        for key in ("figure", "second"):
            figure = posterior_bars(np.full(10, 0.1), classes=checkpoint.classes)
            show_figure(figure, key, alt="bars", gamma=checkpoint.gamma, config=TOOLS)
            task = {"picture": as_picture(checkpoint, image), "shown": list(range(10))}
            follow_live(key, checkpoint, "bars", task)

    bare.mount(lambda: show(at(START)))
    move(bare, family, END)
    said = "[...document.querySelectorAll('[data-live]')].map((one) => one.textContent)"
    bare.tab.wait_for_function(f"() => {said}.some(Boolean)")
    first, second = bare.tab.evaluate(said)
    assert first.startswith("Slow mode (") and second == ""
    np.testing.assert_allclose(bare.value("[...plot.data[0].x]"), 0.1)
    bare.problems.clear()  # the browser's on what is not there
