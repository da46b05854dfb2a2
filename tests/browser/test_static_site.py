"""The static site as a person uses it: opened from the disk, without any server."""

import pytest
from browser_helpers import IN_A_BROWSER
from curve_helpers import save_measured_family

import ibinn_core as ib
from ibinn_core.site.pages import write_site

pytestmark = IN_A_BROWSER
VIEWS = ("lessons", "trade-off", "latent", "image", "samples", "walk", "turn", "calibration")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of the page, as a file."""
    folder = tmp_path_factory.mktemp("site")
    save_measured_family(folder / "family")
    return write_site([ib.family("cifar10", folder / "family")], folder / "site", (), lambda text: None).as_uri()


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
        tab.wait_for_timeout(400)
        return tab

    yield opened
    for tab in tabs:
        tab.evaluate("localStorage.clear()")  # which all pages from the disk share
    assert not complaints


def slider(tab):
    return tab.get_by_role("slider", name="γ, from generative to discriminative")


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_is_whole_on_a_projector_and_moves_with_the_slider(visit, view):
    tab = visit(f"view={view}&gamma=0.5")
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    text = tab.inner_text("main")
    slider(tab).press("Home")
    tab.wait_for_timeout(300)
    assert "gamma=0" in tab.url and tab.locator("footer [data-name]").inner_text() == "only likelihood"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    slider(tab).press("End")
    tab.wait_for_timeout(300)
    assert "gamma=inf" in tab.url
    if view in ("image", "samples", "walk"):
        assert tab.inner_text("main") != text


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_fits_a_phone(visit, view):
    tab = visit(f"view={view}", width=420, height=800, theme="dark", has_touch=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 420
    assert slider(tab).bounding_box()["y"] < 800  # it stays in sight
    sizes = tab.eval_on_selector_all(
        "body *:not(sub)",
        "all => all.filter(e => e.innerText?.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    assert min(sizes) >= 14


def test_the_cloud_follows_the_slider_while_it_is_dragged(visit):
    tab = visit("view=latent&gamma=1")
    box = slider(tab).bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    shots = []
    for share in (0.5, 0.7, 0.9):
        tab.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        tab.wait_for_timeout(200)
        shots.append(tab.locator("canvas.fill").screenshot())
    tab.mouse.up()
    assert len({*shots}) == 3


def test_a_link_reopens_what_was_seen_and_keys_are_enough(visit):
    tab = visit()
    tab.get_by_role("link", name="Out of distribution").focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("button", name="image 4: ").focus()
    tab.keyboard.press("Enter")
    angle = tab.get_by_role("slider", name="angle")
    for _ in range(6):
        angle.press("ArrowRight")
    tab.wait_for_timeout(200)
    assert "by 90°" in tab.inner_text("main")
    again = visit(tab.url.split("#")[1])
    assert again.inner_text("main") == tab.inner_text("main")
    assert again.get_by_role("button", name="image 4: ").get_attribute("aria-pressed") == "true"


def test_it_plays_and_pauses(visit):
    tab = visit("view=turn")
    tab.get_by_role("button", name="Play").click()
    tab.wait_for_timeout(900)
    tab.get_by_role("button", name="Pause").click()
    first = tab.inner_text("main p")
    tab.wait_for_timeout(500)
    assert tab.inner_text("main p") == first and "by 0°" not in first


def test_one_class_alone(visit):
    tab = visit("view=latent&gamma=1")
    everyone = tab.locator("canvas.fill").screenshot()
    tab.get_by_role("button", name="frog", exact=True).click()
    tab.wait_for_timeout(300)
    assert tab.get_by_role("button", name="frog", exact=True).get_attribute("aria-pressed") == "true"
    assert tab.locator("canvas.fill").screenshot() != everyone


def test_full_screen_has_larger_text_and_comes_back(visit):
    tab = visit("view=samples")
    tab.keyboard.press("f")
    tab.wait_for_function("document.body.classList.contains('stage')")
    assert tab.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24
    assert tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    tab.keyboard.press("f")
    tab.wait_for_function("!document.body.classList.contains('stage')")


def test_nonsense_in_the_address_is_no_harm(visit):
    tab = visit("view=nothing&gamma=-4&image=999&pair=x&angle=1e9&data=none")
    assert tab.get_by_role("link", name="Lessons").get_attribute("aria-current") == "page"


def test_a_lesson_goes_from_question_to_reveal_by_mouse(visit):
    tab = visit("view=lessons&lesson=1")
    assert tab.locator(".reveal").count() == 0
    assert tab.locator(".bar").nth(1).evaluate("bar => getComputedStyle(bar).visibility") == "hidden"
    tab.get_by_role("group", name="Your prediction").get_by_role("button").first.click()
    tab.locator(".reveal").wait_for()
    assert tab.locator(".bar").nth(1).evaluate("bar => getComputedStyle(bar).visibility") == "visible"
    tab.get_by_role("button", name="Next lesson").click()
    assert tab.locator("h2").inner_text().startswith("3. ") and "lesson=2" in tab.url


def test_a_clicker_is_enough_for_the_course_and_a_reload_keeps_the_progress(visit):
    tab = visit("view=lessons")
    titles = []
    for _ in range(5):
        titles.append(tab.locator("h2").inner_text())
        for _ in range(2):
            tab.keyboard.press("PageDown")
            tab.wait_for_timeout(150)
    assert [title[0] for title in titles] == list("12345")
    tab.reload()
    tab.wait_for_timeout(400)
    assert tab.locator("h2").inner_text().startswith("6. ")
    steps = tab.get_by_role("group", name="Lessons").get_by_role("button").all_inner_texts()
    # The small family has no class-NLL beside it, so that the last lesson has no answer.
    assert [step.endswith("✓") for step in steps] == [True, True, True, True, True, False]
    assert "no model of this kind lies beside the family" in tab.inner_text(".lesson")
    tab.keyboard.press("PageUp")
    assert tab.locator("h2").inner_text().startswith("5. ")
