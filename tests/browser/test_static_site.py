"""The static site as a person uses it: opened from the disk, without any server."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from browser_helpers import IN_A_BROWSER, listen, swipe

from tests.app.site_helpers import shared_site

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]
VIEWS = ("lessons&lesson=2", "trade-off", "latent", "image", "samples", "walk", "turn", "calibration")
DRAWN = """() => {
  const all = [...document.querySelectorAll("main .figure")];
  return all.length > 0 && all.every((one) => one.dataset.state === "drawn");
}"""
PLACED = "() => document.querySelector('footer div').shadowRoot.querySelector('[data-gamma]').textContent"


@pytest.fixture(scope="module")
def address(measured, tmp_path_factory):
    """Of the page, as a file."""
    return (shared_site(measured, tmp_path_factory) / "index.html").as_uri()


@pytest.fixture
def visit(new_tab, address):
    """``visit("view=walk", width, height)`` opens a tab; nothing may have gone wrong on it in the end."""
    complaints, tabs = [], []

    def opened(state: str = "", width: int = 1280, height: int = 720, **options):
        tab = new_tab(width, height, **options)
        tabs.append(tab)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("requestfailed", lambda request: complaints.append(request.url))
        tab.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
        tab.goto(f"{address}#{state}")
        return tab

    yield opened
    for tab in tabs:
        tab.evaluate("localStorage.clear()")  # which all pages from the disk share
    assert not complaints


def slider(tab):
    return tab.get_by_role("slider", name="γ, from generative to discriminative")


def drawn(tab):
    tab.wait_for_function(DRAWN)
    return tab


def shown(tab, key: str, trace: str) -> str:
    """What a trace of a figure has now."""
    script = """([key, uid]) => {
      const plot = document.querySelector(`[data-figure="${key}"] .js-plotly-plot`);
      const { x, y, source } = plot.data.find((trace) => trace.uid === uid);
      return JSON.stringify([[...(x ?? [])], [...(y ?? [])], source]);
    }"""
    return tab.evaluate(script, [key, trace])


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_is_whole_on_a_projector_and_on_a_phone(visit, view):
    tab = drawn(visit(f"view={view}&gamma=0.5"))
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone = drawn(visit(f"view={view}", width=420, height=800, theme="dark", has_touch=True))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 420
    assert slider(phone).bounding_box()["y"] < 800  # it stays in sight
    assert phone.locator("header").bounding_box()["height"] < 0.1 * 800
    ground = "getComputedStyle(document.querySelector('.main-svg')).backgroundColor"
    assert phone.evaluate(ground) == "rgb(18, 22, 28)"


@pytest.mark.parametrize(
    ("view", "key", "trace"),
    [
        ("trade-off", "trade-off", "ring"),
        ("latent", "latent", "mean-0"),
        ("image", "bars", "trace-1"),
        ("samples", "mean", "picture"),
        ("walk", "walk", "picture"),
        ("turn", "turned-bits", "trace-0"),
        ("calibration", "calibration", "trace-3"),
        ("lessons&lesson=2", "latent", "mean-0"),
    ],
)
def test_figures_follow_the_slider_while_it_is_dragged(visit, view, key, trace):
    tab = drawn(visit(f"view={view}&gamma=0.5"))
    before = shown(tab, key, trace)
    box = slider(tab).bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    drawn(tab)
    assert shown(tab, key, trace) != before
    tab.mouse.up()
    slider(tab).press("Home")
    drawn(tab)
    assert "gamma=0" in tab.url


def test_a_link_reopens_what_was_seen_and_keys_are_enough(visit):
    tab = drawn(visit("view=trade-off"))
    tab.get_by_role("link", name="Out of distribution").focus()
    tab.keyboard.press("Enter")
    drawn(tab)
    first = shown(tab, "turned-bits", "trace-0")
    tab.get_by_role("button", name="image 4: ").focus()
    tab.keyboard.press("Enter")
    drawn(tab)
    fourth = shown(tab, "turned-bits", "trace-0")
    again = drawn(visit(tab.url.split("#")[1]))
    assert fourth != first and shown(again, "turned-bits", "trace-0") == fourth
    assert again.get_by_role("button", name="image 4: ").get_attribute("aria-pressed") == "true"
    again.get_by_role("button", name="image 1: ").click()
    drawn(again)
    assert shown(again, "turned-bits", "trace-0") == first


def test_back_goes_from_view_to_view(visit):
    tab = drawn(visit("view=latent&gamma=2"))
    for name in ("Samples", "Calibration"):
        tab.get_by_role("link", name=name).click()
        drawn(tab)
    slider(tab).press("End")
    tab.go_back()
    tab.locator("#samples").wait_for()
    tab.go_back()
    tab.locator("#latent").wait_for()
    assert drawn(tab).get_by_role("link", name="Latent space").get_attribute("aria-current") == "page"
    tab.go_forward()
    tab.locator("#samples").wait_for()
    drawn(tab)


def test_a_swipe_that_begins_on_the_slider_scrolls_and_leaves_the_model(visit):
    tab = drawn(visit("view=samples&gamma=0.5", width=420, height=800, has_touch=True))
    gamma, box = tab.evaluate(PLACED), slider(tab).bounding_box()
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    swipe(tab, *((x, y - 25 * step) for step in range(12)))
    tab.wait_for_function("scrollY > 50")
    assert tab.evaluate(PLACED) == gamma and "gamma=0.5" in tab.url
    swipe(tab, (x, y))
    tab.wait_for_function(f"({PLACED})() !== {gamma!r}")  # a tap is for the slider


def test_gamma_has_three_digits(visit):
    tab = drawn(visit("view=latent&gamma=0.0355655"))
    assert tab.evaluate(PLACED) == "γ = 0.0356"


def test_full_screen_has_larger_letters_and_comes_back(visit):
    tab = drawn(visit("view=trade-off"))
    size = "parseFloat(getComputedStyle(document.querySelector('.xtick text')).fontSize)"
    before = tab.evaluate(size)
    tab.keyboard.press("f")
    tab.wait_for_function("document.body.classList.contains('stage')")
    drawn(tab)
    tab.wait_for_function(f"{size} > {before}")
    tab.keyboard.press("f")
    tab.wait_for_function("!document.body.classList.contains('stage')")


def test_nonsense_in_the_address_is_no_harm(visit):
    tab = visit("view=nothing&gamma=-4&image=999&pair=x&lesson=1e9&data=none")
    assert tab.get_by_role("link", name="Lessons").get_attribute("aria-current") == "page"


def test_a_lessons_row_of_pictures_is_laid_out_as_in_the_app(visit):
    """The small family has not what lesson 1 needs, whose pictures are such a row."""
    row = """() => {
        const row = Object.assign(document.createElement("div"), { className: "picture-row way" });
        document.querySelector("main").append(row);
        return getComputedStyle(row).display;
    }"""
    assert drawn(visit("view=lessons&lesson=2")).evaluate(row) == "flex"


def test_a_lesson_goes_from_question_to_reveal_by_mouse_or_clicker_and_a_reload_keeps_the_progress(visit):
    tab = drawn(visit("view=lessons&lesson=2"))
    assert tab.locator(".reveal").count() == 0
    tab.get_by_role("button", name="more errors, images less likely").click()
    assert tab.locator(".verdict").inner_text().startswith(("You are right.", "The measures say otherwise."))
    tab.get_by_role("button", name="likelihood: what does it mean?").click()
    assert tab.locator(".meaning:popover-open").inner_text().startswith("likelihood")
    tab.keyboard.press("Escape")
    tab.keyboard.press("PageDown")
    tab.wait_for_function("location.hash.includes('lesson=3')")
    assert "needs the model 'gamma-1'" in tab.inner_text(".lesson")  # which the small family has not
    tab.keyboard.press("PageUp")
    tab.wait_for_function("location.hash.includes('lesson=2')")
    tab.reload()
    assert drawn(tab).locator(".reveal").count() == 1
    steps = tab.get_by_role("group", name="Lessons").get_by_role("button").all_inner_texts()
    assert [step.endswith("✓") for step in steps] == [number == 2 for number in range(7)]


def test_pictures_that_arrived_damaged_are_refused_in_a_sentence(new_tab, address):
    tab = new_tab(1280, 720)
    tab.route("**/plotly.packed.js*", lambda route: route.fulfill(body='packed["plotly.packed.js"] = "H4sIAAAA";'))
    tab.goto(f"{address}#view=walk")
    tab.get_by_text("plotly.packed.js arrived damaged: load the page again").wait_for()


@pytest.fixture
def served(address):
    """The address of the same page on a web server."""
    folder = Path(url2pathname(urlsplit(address).path)).parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_from_a_disk_the_playground_says_what_it_needs(visit):
    tab = visit("view=playground")
    tab.get_by_text("on any web server they do").wait_for()


def test_on_a_web_server_the_playground_trains_and_its_address_is_a_link(new_tab, served):
    tab = new_tab(1280, 720)
    problems = listen(tab)
    rests = "() => document.querySelector('[data-playground]')?.dataset.state === 'resting'"
    tab.goto(f"{served}#view=playground&play=circles~steps:60~a:ib:10")
    tab.wait_for_function(rests)
    assert tab.locator("[data-steps]").inner_text() == "60" and tab.locator("#slider").is_hidden()
    seen = tab.locator(".play-curves").inner_text()
    tab.get_by_role("link", name="Too few couplings").click()
    says = "text => decodeURIComponent(location.hash).includes(text)"
    tab.wait_for_function(says, arg="~couplings:2~")
    tab.wait_for_function("() => Number(document.querySelector('[data-steps]').textContent) > 5")
    tab.locator("[data-run]").click()
    tab.wait_for_function(says, arg="~steps:")
    tab.goto("about:blank")
    tab.goto(f"{served}#view=playground&play=circles~steps:60~a:ib:10")
    tab.wait_for_function(rests)
    assert tab.locator(".play-curves").inner_text() == seen
    assert problems == []
