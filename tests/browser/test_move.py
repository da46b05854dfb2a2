"""Hands in latent space on a bare page: what follows a finger, a key and γ is what the library computes."""

import base64
import json

import numpy as np
import pytest
from browser_helpers import IN_A_BROWSER
from flow_page import HAS_RUNTIME

import ibinn_core as ib
from app.images.pictures import own
from app.models import registry
from app.models.origin import hash_of
from app.move_text import OWN, OWN_CLASS, Around, Moves, Sets
from app.moves import around, hands, latents, rows
from app.moves import own as own_direction
from tools.screenshots import ROOT

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.skipif(not HAS_RUNTIME, reason="onnxruntime-web is not here"),
]
KEY = "hands"
MODEL_IS_HERE = "() => document.querySelector('[data-note]')?.textContent === ''"


@pytest.fixture(scope="module")
def checkpoint():
    return registry.by_id("mnist-gamma-1")


@pytest.fixture(scope="module")
def six(checkpoint):
    import torch

    generator = torch.Generator().manual_seed(1)
    return ib.to_uint8(ib.load(checkpoint.id).sample([6], 0.5, "empirical", generator))[0]


@pytest.fixture
def shown(bare, checkpoint, six):
    """Shows the element; returns a function that shows it with other moves."""

    def show(moves=hands.STILL, **options) -> None:
        data = hands.specification(checkpoint, six, str(hash_of(six)), moves, **options)
        bare.mount(lambda: hands.element()(key=KEY, data=data))

    show()
    bare.tab.wait_for_function(MODEL_IS_HERE)
    return show


#: In JavaScript: the pixels of a canvas, of a copy of it, since Chromium complains where a canvas is read often.
PIXELS = """canvas => { const [width, height] = [canvas.width, canvas.height];
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return context.getImageData(0, 0, width, height).data; }"""


def bars(bare) -> np.ndarray:
    """The posterior that is shown, without rounding."""
    every = bare.tab.locator(".move-classes button")
    return np.array([float(s) for s in every.evaluate_all("all => all.map(b => b.style.getPropertyValue('--share'))")])


def picture(bare) -> np.ndarray:
    """The levels of the picture's pixels, once it has been judged."""
    read = f"""() => [...({PIXELS})(document.querySelector("[data-picture]"))].filter((_, at) => at % 4 === 0)"""
    return np.array(bare.tab.evaluate(read)).reshape(28, 28)


def softmax(scores: np.ndarray) -> np.ndarray:
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def check(bare, checkpoint, six, moves: Moves, other: latents.Start | None = None, styles: dict | None = None) -> None:
    """What is shown is what the server computes of the same moves."""
    z, image = latents.moved(checkpoint, latents.start_of(checkpoint, six), moves, styles or {}, other)
    np.testing.assert_allclose(bars(bare), softmax(latents.scores_of(checkpoint, z)), atol=2e-3)
    wanted = image[..., 0].astype(int).tolist()
    near = f"""wanted => {{ const d = ({PIXELS})(document.querySelector("[data-picture]"));
        return wanted.flat().every((level, at) => Math.abs(level - d[4 * at]) <= 2); }}"""
    bare.tab.wait_for_function(near, arg=wanted)


def test_the_image_is_there_before_the_model_and_the_same_behind_it(bare, checkpoint, six, shown):
    assert np.abs(picture(bare) - six[..., 0].astype(int)).max() <= 1
    assert bars(bare)[6] == pytest.approx(latents.start_of(checkpoint, six).posterior[6], abs=1e-3)
    assert bare.problems == []


def test_the_browser_finds_where_a_class_is_on_top_as_python_does(bare):
    ways = json.loads((ROOT / "tests" / "app" / "moves" / "ways.json").read_text("utf-8"))
    find = """async ways => { const { onTop } = await import("/app/static/hands/space.js");
        const plainly = v => Number.isNaN(v) || v === Infinity ? String(v) : v;
        return ways.map(({ scores, slopes, target }) => Object.values(onTop(scores, slopes, target)).map(plainly)); }"""
    for way, (alpha, until) in zip(ways, bare.tab.evaluate(find, ways), strict=True):
        wanted = ("Infinity", "NaN") if way["alpha"] == "never" else (way["alpha"], way["until"] or "Infinity")
        assert (alpha, until) == wanted, way["what"]


@pytest.mark.parametrize(
    ("eight", "said", "goes"),
    [(-4.0, "3 is on top only for a while, from the flip to 50 % past the flip; then 8 overtakes it.", 1.25),
     (-2.0, "3 is never on top on this way: there is always a class ahead of it.", 1.25),
     (-9.0, "", 1.25)],
)  # fmt: skip
def test_the_page_says_where_a_class_is_on_top_only_for_a_while_or_never(bare, checkpoint, six, eight, said, goes):
    data = {**hands.specification(checkpoint, six, "doctored"), "addresses": None}  # no shipped model has such a way
    scores, pulls = np.full(10, -50.0), np.zeros((10, 10))
    scores[[3, 6, 8]] = -1, 0, eight
    pulls[3, [3, 8]] = 1, 3
    data["small"] = {**(data["small"] or {}), "scores": scores.tolist(), "pulls": pulls.tolist()}
    bare.mount(lambda: hands.element()(key=KEY, data=data))
    bare.tab.get_by_role("button", name="3").first.click()
    ((_, told),) = bare.told(KEY, 1)
    assert told["alpha"] == pytest.approx(goes)
    assert bare.tab.locator("[data-way-words]").text_content() == said


def test_a_model_of_no_family_offers_no_way_under_several_gamma(bare, checkpoint, six):
    data = hands.specification(checkpoint, six, "1")
    offered = bare.tab.locator("[data-kinds] button:visible")
    for kinds in (data["kinds"], [kind for kind in data["kinds"] if kind != "gammas"]):
        bare.mount(lambda kinds=kinds: hands.element()(key=KEY, data={**data, "kinds": kinds}))
        bare.tab.wait_for_function(
            f"() => document.querySelector('[data-kind=gammas]').hidden === {json.dumps('gammas' not in kinds)}"
        )
        assert offered.count() == len(kinds)


def test_names_in_the_plane_cover_neither_one_another_nor_a_mean(bare, checkpoint, six, shown):
    places = hands.specification(checkpoint, six, "names")["small"]["places"]
    means = [[40 + 12 * x, 200 - 12 * y] for x, y in places] + [[100, 100], [103, 101], [106, 99], [108, 108]]
    feet = bare.tab.evaluate(
        """async ([means, widths]) => {
            const { labelled } = await import("/app/static/hands/pad.js");
            return labelled(means, widths, 11, 400);
        }""",
        [means, [7] * len(places) + [30] * 4],
    )
    boxes = [(x - w / 2, x + w / 2, y - 8, y) for (x, y), w in zip(feet, [7] * len(places) + [30] * 4, strict=True)]
    dots = [(x - 4, x + 4, y - 4, y + 4) for x, y in means]
    for at, box in enumerate(boxes):
        for other in boxes[:at] + dots:
            apart = box[1] <= other[0] or other[1] <= box[0] or box[3] <= other[2] or other[3] <= box[2]
            assert apart, (at, box, other)
        (x, y), (left, right, top, bottom) = means[at], box
        assert max(left - x, x - right, top - y, y - bottom) < 30  # near its own mean


def test_of_many_means_those_of_the_most_probable_classes_have_names(bare):
    named = bare.tab.evaluate(
        """async () => {
            const { Pad } = await import("/app/static/hands/pad.js");
            const pad = new Pad(document.createElement("canvas"), { colors: [], names: [], moved: () => {} });
            const scores = (count) => Float64Array.from({ length: count }, (_, k) => (37 * k) % count);
            return [pad.named(scores(20)), pad.named(scores(100))];
        }"""
    )
    assert named[0] == list(range(20))
    assert named[1] == sorted(range(100), key=lambda k: -(37 * k % 100))[:10]


@pytest.mark.parametrize(("share", "says"), [(0.5, "50 % of the way to the flip"), (1, "at the flip"),
                                             (1.6, "60 % past the flip")])  # fmt: skip
@pytest.mark.slow
def test_the_slider_says_how_far_it_is_in_words(bare, checkpoint, six, shown, share, says):
    bare.tab.get_by_role("button", name="3").first.click()
    bare.tab.locator("[data-way]").fill(str(share))
    bare.tab.locator("[data-way-value]").get_by_text(says, exact=True).wait_for()


def test_a_class_is_pressed_and_the_image_goes_just_past_the_flip(bare, checkpoint, six, shown):
    bare.tab.get_by_role("button", name="3").first.click()
    ((_, said),) = bare.told(KEY, 1)
    assert (said["target"], said["here"]) == (3, True)
    flip = latents.on_top_of(checkpoint, latents.start_of(checkpoint, six), 3).alpha
    assert said["alpha"] == pytest.approx(1.25 * flip, abs=2e-3)
    check(bare, checkpoint, six, Moves(3, said["alpha"]))
    assert bars(bare).argmax() == 3
    tiles = bare.tab.locator(".move-strip button")
    tiles.nth(8).wait_for()
    assert tiles.count() == 9 and "flip" in (tiles.nth(4).text_content() or "")
    tiles.nth(0).click()
    assert bars(bare).argmax() == 6


def test_the_star_is_dragged_by_mouse_and_by_keys_and_comes_back(bare, checkpoint, six, shown):
    before = bars(bare)
    pad = bare.tab.locator("[data-pad]")
    box = pad.bounding_box()
    bare.tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    bare.tab.mouse.down()
    bare.tab.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    assert bare.told(KEY) == []  # the program hears of it when the hand lets go
    assert np.abs(bars(bare) - before).max() > 0.01
    bare.tab.mouse.up()
    ((_, said),) = bare.told(KEY, 1)
    check(bare, checkpoint, six, Moves(shift=tuple(said["shift"])))
    pad.focus()
    bare.tab.keyboard.press("ArrowLeft")
    bare.tab.keyboard.press("Shift+ArrowUp")
    last = bare.told(KEY, 3)[-1][1]["shift"]
    assert last[0] < said["shift"][0] and last[1] > said["shift"][1]
    for _ in range(3):
        bare.tab.keyboard.press("Control+z")
    assert bare.told(KEY, 6)[-1][1]["shift"] == [0, 0]
    np.testing.assert_allclose(bars(bare), before, atol=1e-6)


def test_reset_is_where_it_began_and_undo_takes_it_back(bare, shown):
    bare.tab.get_by_role("button", name="8").first.click()
    moved = bars(bare)
    bare.tab.get_by_role("button", name="Reset").click()
    assert bars(bare).argmax() == 6
    bare.tab.get_by_role("button", name="Undo").click()
    np.testing.assert_allclose(bars(bare), moved, atol=1e-6)


@pytest.fixture(scope="module")
def nine(checkpoint):
    import torch

    return own(ib.to_uint8(ib.load(checkpoint.id).sample([9], 0.5, "empirical", torch.Generator().manual_seed(2)))[0])


def corner(bare, which: int) -> list[int]:
    """The levels of the pixels of a corner of two images that exchange their class parts."""
    read = f"canvas => [...({PIXELS})(canvas)].filter((_, at) => at % 4 === 0)"
    return bare.tab.locator(f'[data-corner="{which}"] canvas').evaluate(read)


CORNERS_ARE_DRAWN = "() => document.querySelector('[data-corner=\"3\"] canvas')?.width === 28"


@pytest.mark.slow
def test_the_class_of_another_image_is_transplanted_by_a_corner_and_by_keys(bare, checkpoint, six, nine, shown):
    shown(kind="transplant", other=nine)
    bare.tab.wait_for_function(CORNERS_ARE_DRAWN)
    start, other = latents.start_of(checkpoint, six), latents.start_of(checkpoint, nine.pixels)
    wanted = latents.corners_of(checkpoint, start, other)[..., 0].reshape(4, -1)
    for which in range(4):
        assert np.abs(np.array(corner(bare, which)) - wanted[which].astype(int)).max() <= 2
    bare.tab.locator('[data-corner="2"]').click()
    ((_, said),) = bare.told(KEY, 1)
    assert (said["graft"], said["kind"]) == ([1, 0], "")  # the moves say of which kind they are
    np.testing.assert_allclose(bars(bare), other.posterior, atol=2e-3)
    check(bare, checkpoint, six, Moves(graft=(1, 0)), other)
    bare.tab.locator('[data-graft="1"]').focus()
    bare.tab.keyboard.press("End")
    assert bare.told(KEY, 2)[-1][1]["graft"] == [1, 1]
    bare.tab.wait_for_function("() => document.querySelector('[data-note]').textContent.includes('by 0.0000')")
    check(bare, checkpoint, six, Moves(graft=(1, 1)), other)
    bare.tab.get_by_role("button", name="Style").click()
    said = bare.told(KEY, 3)[-1][1]
    assert (said["graft"], said["kind"]) == ([1, 1], "style")  # what was moved stays moved
    assert bare.tab.locator("[data-styles]").is_visible() and not bare.tab.locator("[data-corners]").is_visible()


@pytest.mark.slow
def test_a_transplant_follows_gamma(bare, checkpoint, six, nine, shown):
    import torch

    shown(Moves(graft=(1, 0)), kind="transplant", other=nine)
    bare.tab.wait_for_function(CORNERS_ARE_DRAWN)
    model = ib.family("mnist").at(0.35)
    with torch.no_grad():
        wanted = model.posterior(ib.dequantize(ib.to_unit(nine.pixels[None])))[0].numpy()
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('gamma-moved', { detail: { gamma: 0.35 } }))")
    near = """wanted => [...document.querySelectorAll(".move-classes button")]
        .every((b, k) => Math.abs(Number(b.style.getPropertyValue("--share")) - wanted[k]) < 2e-3)"""
    bare.tab.wait_for_function(near, arg=wanted.tolist())


def test_the_server_transplants_where_the_browser_cannot(bare, checkpoint, six, nine, monkeypatch):
    monkeypatch.setattr(hands, "addresses_of", lambda _: None)
    data = hands.specification(checkpoint, six, "1", Moves(graft=(1, 0)), "transplant", nine)
    bare.mount(lambda: hands.element()(key=KEY, data=data))
    start, other = latents.start_of(checkpoint, six), latents.start_of(checkpoint, nine.pixels)
    check(bare, checkpoint, six, Moves(graft=(1, 0)), other)
    wanted = latents.corners_of(checkpoint, start, other)[..., 0].reshape(4, -1)
    np.testing.assert_array_equal([corner(bare, which) for which in range(4)], wanted)


ROWS_ARE_DRAWN = "() => document.querySelector('[data-rows]').getAttribute('aria-busy') === 'false'"


def row_texts(bare) -> list[str]:
    return [line.get_attribute("aria-label") or "" for line in bare.tab.locator(".move-row").all()]


def said_of(row: rows.Row) -> str:
    return f"γ = {row.checkpoint.gamma:g}: α* = {row.on_top.alpha:.2f}, typical "


@pytest.mark.slow
def test_several_gammas_have_a_row_each_that_the_browser_computes_as_the_server_does(bare, checkpoint, six, shown):
    moves, models = Moves(3, 0.5), rows.models_for(checkpoint)
    shown(moves, kind="gammas")
    bare.tab.wait_for_function(ROWS_ARE_DRAWN)
    wanted = rows.rows_of(models, six, 3)
    for text, row in zip(row_texts(bare), wanted, strict=True):
        assert text.startswith(said_of(row))
    here = row_texts(bare)
    read = f"canvas => [...({PIXELS})(canvas)].filter((_, at) => at % 4 === 0)"
    for line, row in zip(bare.tab.locator(".move-row").all(), wanted, strict=True):
        levels = np.array(line.locator("canvas").nth(4).evaluate(read))
        # Where a row is far out, rounding is enlarged: a few pixels may differ.
        assert (np.abs(levels - row.images[4].astype(int).ravel()) <= 2).mean() > 0.98
    bare.tab.locator("[data-towards]").select_option("8")
    assert bare.told(KEY, 1)[0][1]["target"] == 8
    bare.tab.wait_for_function("before => document.querySelector('.move-row').ariaLabel !== before", arg=here[0])
    bare.tab.wait_for_function(ROWS_ARE_DRAWN)
    for text, row in zip(row_texts(bare), rows.rows_of(models, six, 8), strict=True):
        assert text.startswith(said_of(row))
    assert not bare.tab.locator("[data-pad]").is_visible()
    bare.tab.get_by_role("button", name="Class").click()
    assert bare.tab.locator("[data-pad]").is_visible() and not bare.tab.locator("[data-rows]").is_visible()


def test_the_server_computes_the_rows_where_the_browser_cannot(bare, checkpoint, six, monkeypatch):
    monkeypatch.setattr(hands, "addresses_of", lambda _: None)
    data = hands.specification(checkpoint, six, "1", Moves(3, 0.5), "gammas")
    bare.mount(lambda: hands.element()(key=KEY, data=data))
    bare.tab.wait_for_function(ROWS_ARE_DRAWN)
    wanted = rows.rows_of(rows.models_for(checkpoint), six, 3)
    for text, row in zip(row_texts(bare), wanted, strict=True):
        assert text.startswith(said_of(row))
    read = f"canvas => [...({PIXELS})(canvas)].filter((_, at) => at % 4 === 0)"
    canvas = bare.tab.locator(".move-row").nth(1).locator("canvas").nth(8)
    np.testing.assert_array_equal(canvas.evaluate(read), wanted[1].images[8].ravel())


NEAR_IS_DRAWN = "() => document.querySelector('[data-near]').getAttribute('aria-busy') === 'false'"


def near_levels(bare, row: int) -> np.ndarray:
    read = f"canvas => [...({PIXELS})(canvas)].filter((_, at) => at % 4 === 0)"
    line = bare.tab.locator("[data-near] .move-row").nth(row)
    return np.array([canvas.evaluate(read) for canvas in line.locator("canvas").all()])


def check_near(bare, checkpoint, six, where: Around) -> None:
    """The rows around the image are what the server computes."""
    bare.tab.wait_for_function(NEAR_IS_DRAWN)
    wanted = around.rows_around(checkpoint, six, where)
    start, low, high = latents.start_of(checkpoint, six), *rows.typical_range(checkpoint)
    mean = checkpoint.latent["class_means"][start.top]
    for number, (row, said) in enumerate(zip(wanted, around.told(checkpoint, wanted), strict=True)):
        levels = near_levels(bare, number)
        assert (np.abs(levels - row.images.reshape(len(levels), -1)) <= 2).mean() > 0.98
        text = bare.tab.locator("[data-near] .move-row").nth(number).get_attribute("aria-label")
        told = dict(zip(("length", "distance", "bits", "typical"), text.split(": ")[1].split(", "), strict=True))
        length, distance = (np.linalg.norm(row.latents - of, axis=1).mean() / 28 for of in (mean, start.latents))
        assert text.startswith(row.path)
        assert float(told["length"].split()[1]) == pytest.approx(length, abs=0.011)
        assert float(told["distance"].split()[0]) == pytest.approx(distance, abs=0.011)
        assert float(told["bits"].split()[0]) == pytest.approx(np.median(said["bits"]), abs=0.03)
        inside = sum(low <= bits <= high for bits in said["bits"])
        assert abs(int(told["typical"].split()[0]) - inside) <= sum(
            min(abs(bits - low), abs(bits - high)) < 0.02 for bits in said["bits"]
        )


@pytest.mark.slow
def test_draws_around_an_image_follow_the_radius_and_are_what_the_server_computes(bare, checkpoint, six, shown):
    shown(kind="around")
    check_near(bare, checkpoint, six, Around())
    radius = bare.tab.locator("[data-radius]")
    radius.focus()
    for _ in range(2):
        bare.tab.keyboard.press("PageUp")  # a tenth of the range
    value = bare.told(KEY, 2)[-1][1]["around"]["radius"]
    assert 0.2 < value <= 0.6
    where = Around(value, "shell", 0, 0)
    check_near(bare, checkpoint, six, where)
    check(bare, checkpoint, six, Moves(around=where))
    bare.tab.locator("[data-near] button").nth(4).click()
    last = bare.told(KEY, 3)[-1][1]
    assert (last["around"], last["kind"]) == (where._replace(path="straight", draw=4)._asdict(), "")
    check(bare, checkpoint, six, Moves(around=where._replace(path="straight", draw=4)))
    bare.tab.get_by_role("button", name="Other draws").click()
    assert bare.told(KEY, 4)[-1][1]["around"]["seed"] == 1
    check_near(bare, checkpoint, six, where._replace(seed=1))
    check(bare, checkpoint, six, Moves(around=where._replace(path="straight", draw=4, seed=1)))
    bare.tab.get_by_role("button", name="Class", exact=True).click()
    assert bare.tab.locator("[data-pad]").is_visible() and not bare.tab.locator("[data-near]").is_visible()


def test_the_server_draws_around_an_image_where_the_browser_cannot(bare, checkpoint, six, monkeypatch):
    monkeypatch.setattr(hands, "addresses_of", lambda _: None)
    where = Around(0.6, "average", 3, 4)
    data = hands.specification(checkpoint, six, "1", Moves(around=where), "around")
    bare.mount(lambda: hands.element()(key=KEY, data=data))
    check_near(bare, checkpoint, six, where)
    check(bare, checkpoint, six, Moves(around=where))


SETS = Sets(("sample-1", "sample-2"), ("sample-7",))


@pytest.mark.slow
def test_a_direction_of_ones_own_is_pulled_and_its_images_are_taken_out(bare, checkpoint, six, shown, monkeypatch):
    monkeypatch.setattr(registry, "dataset", lambda: ib.data.DATASETS["mnist"])
    shown(kind="own", sets=SETS)
    before, styles = bars(bare), own_direction.all_styles(checkpoint, SETS)
    slider = bare.tab.locator(f'input[name="{OWN}"]')
    slider.focus()
    for _ in range(5):
        bare.tab.keyboard.press("ArrowRight")
    bare.tab.wait_for_function("() => document.querySelector('[data-note]').textContent.includes('by 0.0000')")
    np.testing.assert_allclose(bars(bare), before, atol=1e-6)
    steps = bare.told(KEY, 1)[-1][1]["styles"]
    check(bare, checkpoint, six, Moves(styles=steps), styles=styles)
    bare.tab.locator(f'input[name="{OWN_CLASS}"]').focus()
    bare.tab.keyboard.press("End")
    bare.tab.wait_for_function(f"() => window.told.some((one) => one[2].styles?.['{OWN_CLASS}'] === 3)")
    check(bare, checkpoint, six, Moves(styles={**steps, OWN_CLASS: 3.0}), styles=styles)
    bare.tab.locator("[data-sets] button").nth(2).click()
    assert bare.told(KEY)[-1] == ["removed", {"set": 1, "at": 0}]
    shown(kind="own", sets=Sets(SETS.having))
    bare.tab.locator("[data-own] input").first.wait_for(state="detached")
    assert "Choose images" in (bare.tab.locator("[data-sets-note]").text_content() or "")


def test_it_follows_gamma_while_the_slider_moves(bare, checkpoint, six, shown):
    import torch

    model = ib.family("mnist").at(0.35)
    with torch.no_grad():
        wanted = model.posterior(ib.dequantize(ib.to_unit(six[None])))[0].numpy()
    bare.tab.evaluate("document.dispatchEvent(new CustomEvent('gamma-moved', { detail: { gamma: 0.35 } }))")
    near = """wanted => [...document.querySelectorAll(".move-classes button")]
        .every((b, k) => Math.abs(Number(b.style.getPropertyValue("--share")) - wanted[k]) < 2e-3)"""
    bare.tab.wait_for_function(near, arg=wanted.tolist())


def test_where_the_browser_has_no_model_the_server_answers_when_the_hand_lets_go(bare, checkpoint, six, monkeypatch):
    monkeypatch.setattr(hands, "addresses_of", lambda _: None)
    token = str(hash_of(six))
    first = hands.specification(checkpoint, six, token)
    bare.mount(lambda: hands.element()(key=KEY, data=first))
    note = bare.tab.locator("[data-note]")
    assert "The server computes" in (note.text_content() or "")
    bare.tab.get_by_role("button", name="3").first.click()
    ((_, said),) = bare.told(KEY, 1)
    assert said["here"] is False and bars(bare).argmax() == 3  # the posterior needs no network
    moves = Moves(said["target"], said["alpha"], tuple(said["shift"]))
    answered = hands.specification(checkpoint, six, token, moves)
    assert answered["answer"] is not None
    bare.mount(lambda: hands.element()(key=KEY, data=answered))
    check(bare, checkpoint, six, moves)


@pytest.mark.slow
def test_a_damaged_file_is_said_in_one_sentence_and_the_server_computes(bare, checkpoint, six, shown):
    def damage(route) -> None:
        body = bytearray(route.fetch().body())
        body[len(body) // 2] ^= 1
        route.fulfill(body=bytes(body))

    bare.tab.route("**/*.safetensors", damage)
    try:
        bare.open()
        data = hands.specification(checkpoint, six, str(hash_of(six)))
        bare.mount(lambda: hands.element()(key=KEY, data=data))
        note = bare.tab.locator("[data-note]")
        bare.tab.wait_for_function("() => document.querySelector('[data-note]').textContent.includes('damaged')")
        assert (note.text_content() or "").startswith("The server computes, when you let go: mnist-")
    finally:
        bare.tab.unroute("**/*.safetensors")


def test_what_it_is_given_is_plain_json(checkpoint, six):
    data = hands.specification(checkpoint, six, "1", Moves(3, 0.5), for_browser_too=True)
    again = json.loads(json.dumps(data))
    assert again["answer"]["moves"]["target"] == 3
    assert len(base64.b64decode(again["latents"])) == 4 * 784


def test_a_tile_of_the_atlas_is_the_latent_moved_to_its_place(bare):
    """By a model that decodes a latent as itself, an image of two by two pixels."""
    found = bare.tab.evaluate(
        """async () => { const { Atlas } = await import("/app/static/hands/atlas.js");
        const asked = [];
        const model = { decode: async (z) => (asked.push(z.length / 4), z) };
        const axes = [[1, 0, 0, 0], [0, 0.6, 0.8, 0]];
        const given = { key: "one", model, latent: Float32Array.of(0.1, 0.2, 0.3, 0.4), place: [0.1, 0.2], axes,
            places: [[[0.1, 0.2], [0.4, 0.2]], [[0.1, 0.7], [0.4, 0.7]]], shape: [1, 2, 2] };
        const atlas = new Atlas(() => {});
        await atlas.draw(given);
        const bytes = ({ canvas }) => [...canvas.getContext("2d").getImageData(0, 0, 2, 2).data];
        const level = (tile) => bytes(tile).filter((_, at) => at % 4 === 0);
        const levels = atlas.tiles.map(level);
        await atlas.draw({ ...given, place: [9, 9] });
        const again = asked.length;
        atlas.stop();
        await Promise.all([atlas.draw({ ...given, key: "two" }), Promise.resolve(atlas.stop())]);
        const stopped = atlas.tiles.length;
        atlas.clear();
        return { levels, asked, again, stopped, left: atlas.tiles.length }; }"""
    )
    z = np.array([0.1, 0.2, 0.3, 0.4])
    right, down = np.array([0.3, 0, 0, 0]), np.array([0, 0.3, 0.4, 0])
    wanted = np.floor(256 * np.stack([z, z + right, z + down, z + right + down]))
    np.testing.assert_allclose(found["levels"], wanted, atol=1)
    assert found["again"] == 2  # what is there is not asked for again
    assert (found["stopped"], found["left"]) == (0, 0)


@pytest.mark.slow
def test_the_atlas_comes_and_stays_while_the_star_is_moved(bare, shown):
    pad = bare.tab.locator("[data-pad]")
    box = bare.tab.locator("[data-atlas]")
    box.check()
    whole = bare.tab.locator('[data-pad][data-tiles="81"]')
    whole.wait_for()
    assert "the plane shows" in bare.tab.locator(".move-atlas").inner_text()
    pad.press("ArrowLeft")
    whole.wait_for()
    bare.tab.locator(".move-classes button").nth(3).click()  # all pictures become others
    bare.tab.locator('[data-pad]:not([data-tiles="81"])').wait_for()
    whole.wait_for()
    box.uncheck()
    bare.tab.locator('[data-pad][data-tiles="0"]').wait_for()


def test_a_call_that_is_overtaken_takes_nothing_away(bare, checkpoint, six, shown):
    every = (hands.specification(checkpoint, six, name, hands.STILL) for name in ("one", "two"))
    bare.mount_at_once(*(lambda data=data: hands.element()(key=KEY, data=data) for data in every))
    bare.tab.wait_for_function(MODEL_IS_HERE)
    bare.tab.locator(".move-classes button").nth(3).click()
    bare.tab.wait_for_function("() => document.querySelector('[data-verdict]').textContent.includes('3, ')")


def test_an_answer_that_was_overtaken_moves_nothing_and_back_does(bare, shown):
    for label in (3, 8):
        bare.tab.locator(".move-classes button").nth(label).click()
    (_, first), (_, second) = bare.told(KEY, 2)
    three, eight = (Moves(said["target"], said["alpha"]) for said in (first, second))
    shown(three)  # the program was slow
    assert bars(bare).argmax() == 8
    shown(eight)
    shown(three)  # Back
    assert bars(bare).argmax() == 3


@pytest.mark.slow
def test_of_a_hundred_classes_any_can_be_aimed_at_by_its_name_and_has_a_bar_then(bare):
    many = registry.by_id("cifar100-gamma-1")
    image = ib.data.embedded("cifar100")[0][0]
    data = hands.specification(many, image, str(hash_of(image)), hands.STILL)
    bare.mount(lambda: hands.element()(key=KEY, data=data))
    bare.tab.wait_for_function(MODEL_IS_HERE)
    towards, names = bare.tab.locator("[data-towards]"), bare.tab.locator(".move-classes button .name")
    assert towards.is_visible() and names.count() == 10
    likely = set(names.all_text_contents())
    unlikely = next(name for name in many.classes if name not in likely)
    assert towards.locator("option").count() == 100  # all but its own, and a line for none
    towards.select_option(label=unlikely)
    pressed = bare.tab.locator('.move-classes button[aria-pressed="true"]')
    assert pressed.locator(".name").text_content() == unlikely
    assert bare.told(KEY, 1)[0][1]["target"] == many.classes.index(unlikely)
    assert float(pressed.evaluate("b => b.style.getPropertyValue('--share')")) == pytest.approx(max(bars(bare)))
    assert towards.evaluate("list => list.selectedOptions[0].text") == unlikely
    assert bare.problems == []
