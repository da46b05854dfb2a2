"""The static site as a person uses it, on a web server that knows nothing of it."""

import pytest
from browser_helpers import IN_A_BROWSER, listen, swipe
from live_site_helpers import hosted

from tests.app.site_helpers import shared_site

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]
VIEWS = ("lessons&lesson=gamma", "trade-off", "latent")
DRAWN = """() => {
  const all = [...document.querySelectorAll("main .figure")];
  return all.length > 0 && all.every((one) => one.dataset.state === "drawn");
}"""
#: What the page's content security policy refuses.
WATCH = """
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""
PLACED = "() => document.querySelector('footer div').shadowRoot.querySelector('[data-gamma]').textContent"


@pytest.fixture(scope="module")
def address(measured, tmp_path_factory):
    """Of the page."""
    with hosted(shared_site(measured, tmp_path_factory)) as host:
        yield host.address


@pytest.fixture
def visit(new_tab, address):
    """``visit("view=walk", width, height)`` opens a tab; nothing may have gone wrong on it in the end."""
    complaints, tabs = [], []

    def opened(state: str = "", width: int = 1280, height: int = 720, **options):
        tab = new_tab(width, height, **options)
        tabs.append(tab)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("requestfailed", lambda request: complaints.append(request.url))
        tab.add_init_script(WATCH)
        tab.goto(f"{address}#{state}")
        return tab

    yield opened
    for tab in tabs:
        complaints += tab.evaluate("window.refused")
        tab.evaluate("localStorage.clear()")  # which all pages of a server share
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
        ("lessons&lesson=gamma", "latent", "mean-0"),
        ("lessons&lesson=gamma", "samples", "picture"),
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


def test_keys_are_enough_to_open_a_view(visit):
    tab = drawn(visit("view=trade-off"))
    tab.get_by_role("link", name="Latent space").focus()
    tab.keyboard.press("Enter")
    tab.locator("#latent").wait_for()
    drawn(tab)


def test_back_goes_from_view_to_view(visit):
    tab = drawn(visit("view=latent&gamma=2"))
    tab.get_by_role("link", name="Trade-off").click()
    drawn(tab)
    slider(tab).press("End")
    tab.go_back()
    tab.locator("#latent").wait_for()
    assert drawn(tab).get_by_role("link", name="Latent space").get_attribute("aria-current") == "page"
    tab.go_forward()
    tab.locator("#trade-off").wait_for()
    drawn(tab)


def test_a_swipe_that_begins_on_the_slider_scrolls_and_leaves_the_model(visit):
    tab = drawn(visit("view=lessons&lesson=gamma&gamma=0.5", width=420, height=800, has_touch=True))
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
    tab = visit("view=nothing&gamma=-4&lesson=1e9&data=none")
    assert tab.get_by_role("link", name="Lessons").get_attribute("aria-current") == "page"


def test_a_lesson_goes_from_question_to_reveal_by_mouse_or_clicker_and_a_reload_keeps_the_progress(visit):
    tab = drawn(visit("view=lessons&lesson=gamma"))
    assert tab.locator(".reveal").count() == 0
    tab.get_by_role("button", name="more errors, images less likely").click()
    assert tab.locator(".verdict").inner_text().startswith(("You are right.", "No."))
    tab.get_by_role("button", name="likelihood: what does it mean?").click()
    assert tab.locator(".meaning:popover-open").inner_text().startswith("likelihood")
    tab.keyboard.press("Escape")
    tab.keyboard.press("PageDown")
    tab.wait_for_function("location.hash.includes('lesson=calibration')")
    assert "needs the model 'gamma-1'" in tab.inner_text(".lesson")  # which the small family has not
    tab.keyboard.press("PageUp")
    tab.wait_for_function("location.hash.includes('lesson=gamma')")
    tab.reload()
    assert drawn(tab).locator(".reveal").count() == 1
    steps = tab.get_by_role("group", name="Lessons").get_by_role("button").all_inner_texts()
    assert [step.endswith("✓") for step in steps] == [number == 2 for number in range(7)]


def test_what_cannot_be_fetched_is_said_in_a_sentence(new_tab, address):
    tab = new_tab(1280, 720)
    tab.route("**/data/cifar10.json", lambda route: route.fulfill(status=404))
    tab.goto(f"{address}#view=latent")
    tab.get_by_text("data/cifar10.json answers 404: load the page again").wait_for()


def test_the_playground_trains_and_its_address_is_a_link(new_tab, address):
    tab = new_tab(1280, 720)
    problems = listen(tab)
    rests = "() => document.querySelector('[data-playground]')?.dataset.state === 'resting'"
    tab.goto(f"{address}#view=playground&play=circles~steps:60~a:ib:10")
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
    tab.goto(f"{address}#view=playground&play=circles~steps:60~a:ib:10")
    tab.wait_for_function(rests)
    assert tab.locator(".play-curves").inner_text() == seen
    assert problems == []
