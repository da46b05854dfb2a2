"""The page Move in the app: its link, Back, its size in a window, and another data set."""

import re

import pytest
from browser_helpers import IN_A_BROWSER, are_seen

import ibinn_core as ib
from tools.screenshots import settle

pytestmark = [*IN_A_BROWSER]


@pytest.mark.slow
def test_a_transplant_is_in_the_link_and_back_undoes_one_thing_at_a_time(visit):
    tab = visit("explore?tab=move&data=mnist")
    tab.get_by_role("button", name="Transplant").click()
    tab.wait_for_url("**kind=transplant*")
    tab.get_by_text("Other image: 9 no. 1").wait_for()
    settle(tab)
    tab.locator("[name=class]").press("End")
    tab.wait_for_url("**moves=class*")
    settle(tab)
    tab.get_by_role("button", name="Export").wait_for()
    tab.go_back()
    tab.wait_for_url(lambda url: "moves=" not in url)
    settle(tab)
    tab.wait_for_function("() => document.querySelector('[name=class]').value === '0'")
    tab.go_back()
    tab.wait_for_url(lambda url: "kind=" not in url and "tab=move" in url)
    tab.locator('[data-kind="class"][aria-pressed="true"]').wait_for()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["", "&stage=true"])
@pytest.mark.parametrize(
    "kind",
    ["class&moves=to:3:0.6", "gammas&moves=to:3:0.6", "style&moves=brightness:2", "transplant&moves=with:1:0"],
)  # fmt: skip
def test_every_kind_fits_a_small_window(visit, kind, stage):
    data = "cifar10" if kind.startswith("style") else "mnist"  # which has the most of them
    tab = visit(f"explore?tab=move&data={data}&kind={kind}{stage}", 1280, 720)
    tab.locator("[data-move][data-state=ready]").wait_for()
    settle(tab)
    bottom = tab.evaluate("() => document.querySelector('.move-panel').getBoundingClientRect().bottom")
    wide = tab.evaluate("() => document.documentElement.scrollWidth")
    assert bottom <= 720 and wide <= 1280


@pytest.mark.slow
@pytest.mark.parametrize(("size", "last"), [((420, 800), "[data-way]"), ((360, 740), '[data-kind="transplant"]')])
def test_on_a_phone_image_plane_and_classes_are_in_sight_and_the_image_stays(visit, size, last):
    tab = visit("explore?tab=move&data=mnist&kind=class&moves=to:3:0.6", *size, has_touch=True, is_mobile=True)
    tab.locator("[data-move][data-state=ready]").wait_for()
    classes = [f"[data-classes] button:nth-child({place})" for place in (1, 10)]
    are_seen(tab, ["[data-picture]", "[data-pad]", *classes, last])
    tab.locator("[data-reset]").evaluate("element => element.scrollIntoView({ block: 'end' })")
    are_seen(tab, ["[data-picture]", "[data-pad]", "[data-way]", "[data-reset]"])
    widths = "all => all.map((one) => [one.clientWidth, one.clientHeight])"
    assert tab.locator(".move-seen canvas").evaluate_all(widths) == [[44, 44]]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 720), (853, 480)])
def test_on_stage_the_way_to_a_class_is_whole(visit, size):
    tab = visit("explore?tab=move&data=mnist&stage=true&moves=to:3:0.6", *size)
    tab.locator(".move-strip button").nth(8).wait_for()
    tab.get_by_text("bits/dim").last.wait_for()
    settle(tab)
    are_seen(tab, [".move-strip button:nth-child(9)", "[data-verdict]", "[data-reset]"])
    assert tab.locator(".stMain").evaluate("main => main.scrollHeight - main.clientHeight") <= 1


@pytest.mark.parametrize(
    ("before", "after", "classes"), [("mnist", "CIFAR-100", ["orange"]), ("cifar10", "MNIST", list("0123456789"))]
)
def test_nothing_of_one_data_set_is_shown_with_another(visit, before, after, classes):
    tab = visit(f"explore?tab=move&data={before}")
    tab.locator("[data-move][data-state=ready]").wait_for()
    tab.evaluate("""() => { const draw = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            this.canvas.dataset.names = [...new Set([...(this.canvas.dataset.names ?? "").split(","), text])].join();
            return draw.call(this, text, ...place); }; }""")
    settle(tab)
    tab.locator(".st-key-data-switch").get_by_text(after, exact=True).click()
    first = tab.locator(".move-classes .name").first
    first.filter(has_text=re.compile(f"^({'|'.join(classes)})$")).wait_for()
    tab.locator("[data-move][data-state=ready]").wait_for()
    known = set(ib.data.DATASETS[after.lower().replace("-", "")].classes)
    names = tab.locator("[data-pad]").get_attribute("data-names").split(",")
    assert len(names) >= 10 and set(names) - {""} <= known
    assert tab.locator("[data-testid=stException]").count() == 0
