"""The kinds of moves of the page Move in the app: what the link holds, what Back undoes, what the dialog chooses."""

import pytest
from browser_helpers import IN_A_BROWSER, are_seen

from tools.screenshots import settle

pytestmark = [*IN_A_BROWSER]


@pytest.mark.slow
def test_a_transplant_is_in_the_link_and_back_undoes_one_thing_at_a_time(visit):
    tab = visit("move?data=mnist")
    tab.get_by_role("button", name="Transplant").click()
    tab.wait_for_url("**kind=transplant*")
    tab.get_by_text("Other image: 9 no. 1").wait_for()
    tab.wait_for_function("() => document.querySelector('[data-corner=\"3\"] canvas')?.width === 28")
    settle(tab)
    tab.locator('[data-corner="2"]').click()
    tab.wait_for_url("**moves=with*")
    settle(tab)
    tab.get_by_role("button", name="Export").wait_for()
    tab.go_back()
    tab.wait_for_url(lambda url: "moves=" not in url)
    settle(tab)
    tab.locator('[data-corner="0"][aria-pressed="true"]').wait_for()
    tab.go_back()
    tab.wait_for_url(lambda url: "kind=" not in url and "/move" in url)
    tab.locator('[data-kind="class"][aria-pressed="true"]').wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["", "&stage=true"])
@pytest.mark.parametrize(
    "kind",
    ["class&moves=to:3:0.6", "gammas&moves=to:3:0.6", "style&moves=brightness:2", "transplant&moves=with:1:0",
     "around&moves=around:1:straight:0:0"],
)  # fmt: skip
def test_every_kind_fits_a_small_window(visit, kind, stage):
    data = "cifar10" if kind.startswith("style") else "mnist"  # which has the most of them
    tab = visit(f"move?data={data}&kind={kind}{stage}", 1280, 720)
    tab.wait_for_function("() => document.querySelector('[data-picture]')?.width < 40")
    if kind.startswith("style"):
        tab.get_by_text("orthogonal to the classes").wait_for()
    settle(tab)
    bottom = tab.evaluate("() => document.querySelector('.move-panel').getBoundingClientRect().bottom")
    wide = tab.evaluate("() => document.documentElement.scrollWidth")
    assert bottom <= 720 and wide <= 1280


@pytest.mark.slow
@pytest.mark.parametrize(("size", "last"), [((420, 800), "[data-way]"), ((360, 740), '[data-kind="around"]')])
def test_on_a_phone_image_plane_and_classes_are_in_sight_and_the_image_stays(visit, size, last):
    tab = visit("move?data=mnist&kind=class&moves=to:3:0.6", *size, has_touch=True, is_mobile=True)
    tab.wait_for_function("() => document.querySelector('[data-picture]')?.width < 40")
    classes = [f"[data-classes] button:nth-child({place})" for place in (1, 10)]
    are_seen(tab, ["[data-picture]", "[data-pad]", *classes, last])
    tab.locator("[data-undo]").evaluate("element => element.scrollIntoView({ block: 'end' })")
    are_seen(tab, ["[data-picture]", "[data-pad]", "[data-way]", "[data-reset]"])
    widths = "all => all.map((one) => [one.clientWidth, one.clientHeight])"
    assert tab.locator(".move-seen canvas").evaluate_all(widths) == [[44, 44]] * 2


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 720), (853, 480)])
def test_on_stage_the_way_to_a_class_is_whole(visit, size):
    tab = visit("move?data=mnist&stage=true&moves=to:3:0.6", *size)
    tab.locator(".move-strip button").nth(8).wait_for()
    tab.get_by_text("It is clipped to what pixels show").wait_for()
    settle(tab)
    are_seen(tab, [".move-strip button:nth-child(9)", "[data-verdict]", "[data-reset]"])
    assert tab.locator(".stMain").evaluate("main => main.scrollHeight - main.clientHeight") <= 1


@pytest.mark.slow
def test_a_place_around_the_image_is_in_the_link_and_back_undoes_it(visit):
    tab = visit("move?data=mnist")
    tab.get_by_role("button", name="Around").click()
    tab.wait_for_url("**kind=around*")
    tab.wait_for_function("() => document.querySelector('[data-near]').getAttribute('aria-busy') === 'false'")
    settle(tab)
    tab.locator("[data-radius]").fill("0.6")
    tab.locator("[data-radius]").dispatch_event("change")
    tab.wait_for_url("**moves=around%3A0.6%3Ashell%3A0%3A0*")
    settle(tab)
    tab.get_by_role("button", name="Other draws").click()
    tab.wait_for_url("**moves=around%3A0.6%3Ashell%3A0%3A1*")
    settle(tab)
    tab.locator("[data-near] button").nth(4).click()
    tab.wait_for_url("**moves=around%3A0.6%3Astraight%3A4%3A1*")
    settle(tab)
    for wanted in ("around%3A0.6%3Ashell%3A0%3A1", "around%3A0.6%3Ashell%3A0%3A0"):
        tab.go_back()
        tab.wait_for_url(f"**moves={wanted}*")
        settle(tab)
    tab.go_back()
    tab.wait_for_url(lambda url: "moves=" not in url)
    tab.wait_for_function("() => document.querySelector('[data-radius]').value === '0'")


@pytest.mark.slow
def test_two_sets_are_chosen_in_the_dialog_and_back_undoes_them(visit):
    tab = visit("move?data=mnist&kind=own")
    tab.get_by_role("button", name="Choose images").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("Samples").click()
    tiles = dialog.locator("[role=radio]:has(img)")
    for count, (name, number) in enumerate([("With", 3), ("Without", 4)]):
        dialog.get_by_role("radio", name=name, exact=True).click()
        settle(tab)
        tiles.nth(number).click()
        dialog.get_by_text(f"{name}: 1").wait_for()
        settle(tab)
        assert dialog.get_by_text(": 1").count() == count + 1
    dialog.get_by_role("button", name="Use these").click()
    tab.wait_for_url("**sets=sample-3~sample-4*")
    tab.locator("[data-sets] img").nth(1).wait_for()
    settle(tab)
    tab.locator("[data-sets] button").first.click()
    tab.wait_for_url("**sets=~sample-4*")
    settle(tab)
    tab.go_back()
    tab.wait_for_url("**sets=sample-3~sample-4*")
    tab.locator("[data-own] input").first.wait_for()
