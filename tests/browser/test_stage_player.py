"""What moves, on stage: play, loop, speed and single steps, by buttons and by keys."""

import pytest
from browser_helpers import IN_A_BROWSER

from app.figures.morph import FRAME_MS
from tools.screenshots import settle

pytestmark = IN_A_BROWSER
PLOT = "document.querySelector('.st-key-stage-figure .js-plotly-plot')"
FRAME = f"frame => {PLOT}?._fullLayout?._currentFrame === frame"


#: Milliseconds from one frame to the next.
GAP = f"""() => new Promise((done) => {{
    const times = [];
    let seen = {PLOT}._fullLayout._currentFrame;
    const look = () => {{
        const now = {PLOT}._fullLayout._currentFrame;
        if (now !== seen) times.push(performance.now());
        seen = now;
        if (times.length === 2) done(times[1] - times[0]);
        else requestAnimationFrame(look);
    }};
    look();
}})"""


@pytest.fixture
def stage(new_tab, server):
    tab = new_tab(1280, 720)
    tab.goto(f"{server}/latent?data=mnist&show=Morph+over+γ&stage=true")
    settle(tab)
    tab.get_by_role("button", name="Play").wait_for()
    return tab


def frame_of(tab) -> int:
    return int(tab.get_by_role("slider", name="Frame of the figure").input_value())


def test_the_key_p_plays_and_pauses(stage):
    stage.keyboard.press("p")
    stage.get_by_role("button", name="Pause").wait_for()
    stage.wait_for_function(f"() => Number({PLOT}._fullLayout._currentFrame) > 1", timeout=60_000)
    stage.keyboard.press("p")
    stage.get_by_role("button", name="Play").wait_for()
    frame = frame_of(stage)
    stage.wait_for_timeout(500)
    assert frame_of(stage) == frame > 0


def test_single_steps_by_key_and_by_button(stage):
    stage.keyboard.press(".")
    stage.wait_for_function(FRAME, arg="1", timeout=60_000)
    stage.get_by_role("button", name="One frame on").click()
    stage.wait_for_function(FRAME, arg="2", timeout=60_000)
    stage.keyboard.press(",")
    stage.wait_for_function(FRAME, arg="1", timeout=60_000)
    stage.get_by_role("button", name="One frame back").click()
    stage.wait_for_function(FRAME, arg="0", timeout=60_000)
    stage.keyboard.press(",")
    stage.wait_for_timeout(300)
    assert frame_of(stage) == 0


def test_the_speed_changes_by_key_and_by_button_within_its_range(stage):
    speed = stage.get_by_role("button", name="Speed")
    assert speed.inner_text() == "1 ×"
    for _ in range(4):
        stage.keyboard.press("+")
    assert speed.inner_text() == "4 ×"
    stage.keyboard.press("-")
    assert speed.inner_text() == "2 ×"
    speed.click()
    speed.click()
    assert speed.inner_text() == "0.25 ×"
    stage.keyboard.press("p")
    stage.get_by_role("button", name="Pause").wait_for()
    assert stage.evaluate(GAP) > 3.5 * FRAME_MS  # the timer is never early


def test_a_loop_begins_anew_at_the_end_and_without_it_playing_ends(stage):
    slider = stage.get_by_role("slider", name="Frame of the figure")
    last = int(slider.get_attribute("max"))
    slider.press("End")
    slider.press("ArrowLeft")
    stage.wait_for_function(FRAME, arg=str(last - 1), timeout=60_000)
    settle(stage)  # until the URL has the frame
    stage.keyboard.press("p")
    stage.wait_for_function(FRAME, arg=str(last), timeout=60_000)
    stage.get_by_role("button", name="Play").wait_for(timeout=60_000)
    assert frame_of(stage) == last
    slider.press("ArrowLeft")
    stage.wait_for_function(FRAME, arg=str(last - 1), timeout=60_000)
    settle(stage)
    stage.keyboard.press("l")
    assert stage.get_by_role("button", name="Loop").get_attribute("aria-pressed") == "true"
    stage.keyboard.press("p")
    wanted = f"last => {{ const f = Number({PLOT}._fullLayout._currentFrame); return f > 0 && f < last / 2; }}"
    stage.wait_for_function(wanted, arg=last, timeout=60_000)
    assert stage.get_by_role("button", name="Pause").is_visible()


def test_the_help_of_the_stage_names_the_keys_and_off_stage_there_is_only_play(stage):
    stage.keyboard.press("?")
    keys = stage.get_by_role("dialog", name="Keys")
    text = keys.inner_text()
    assert "play, pause" in text and "loop" in text and "next page: Interpolate" in text
    stage.keyboard.press("Escape")
    keys.wait_for(state="hidden")
    assert "stage=true" in stage.url  # Escape has closed the keys alone
    stage.keyboard.press("f")
    stage.wait_for_url(lambda url: "stage" not in url)
    settle(stage)
    assert stage.get_by_role("button", name="Loop").count() == 0


def test_the_slider_has_a_tick_at_each_trained_model_and_the_name_of_gamma_1(stage):
    stops = stage.locator("[data-stops] > span")
    shown = stops.locator("span:visible").all_inner_texts()
    assert stops.count() == 7 and {"only likelihood", "γ = 1", "only classes"} <= set(shown)


def test_the_link_and_its_picture_follow_the_frame_while_they_are_read(tab, server):
    tab.goto(f"{server}/latent?data=mnist&show=Morph+over+γ")
    settle(tab)
    tab.get_by_role("button", name="Share").click()
    link = tab.get_by_test_id("stCode").get_by_text("/latent?")
    link.wait_for()
    picture = tab.get_by_test_id("stImage").locator("img")
    before = picture.get_attribute("src")
    assert "frame=" not in link.inner_text()
    tab.get_by_role("slider", name="Frame of the figure").evaluate(
        "slider => { slider.value = 3; slider.dispatchEvent(new Event('input')); }"
    )
    tab.wait_for_url("**frame=3*")
    link.filter(has_text="frame=3").wait_for()
    tab.wait_for_function("before => document.querySelector('[data-testid=stImage] img').src !== before", arg=before)
    again = tab.context.new_page()
    again.goto(link.inner_text())
    settle(again)
    assert again.get_by_role("slider", name="Frame of the figure").input_value() == "3"


def test_an_answer_that_comes_late_does_not_take_a_step_back(chrome, server):
    context = chrome.new_context(viewport={"width": 1280, "height": 720})  # of its own: the socket stays routed
    tab = context.new_page()
    page_side, held = [], []

    def hold(socket):
        server_side = socket.connect_to_server()
        page_side.append(socket)
        server_side.on_message(lambda message: held.append(message) if tab_holds else socket.send(message))

    tab_holds = False
    tab.route_web_socket("**/_stcore/stream", hold)
    tab.goto(f"{server}/latent?data=mnist&show=Morph+over+γ&stage=true")
    settle(tab)
    tab_holds = True
    for frame in ("1", "2"):  # each goes to the program, whose answers stay on the way
        tab.keyboard.press(".")
        tab.wait_for_url(f"**frame={frame}*")
    tab.keyboard.press(".")
    tab_holds = False
    for message in held:
        page_side[-1].send(message)
    tab.wait_for_url("**frame=3*")
    settle(tab)
    assert frame_of(tab) == 3
    context.close()


def test_a_figure_that_was_moved_is_whole_under_the_next_model(new_tab, server):
    tab = new_tab(1280, 720)
    tab.goto(f"{server}/out-of-distribution?data=mnist&stage=true")
    settle(tab)
    for _ in range(3):
        tab.keyboard.press(".")
    tab.wait_for_function(FRAME, arg="3", timeout=60_000)
    tab.keyboard.press(",")  # and on the way back there is a frame that moves nothing
    for _ in range(4):
        tab.keyboard.press(",")
    tab.keyboard.press(".")
    tab.wait_for_function(FRAME, arg="1", timeout=60_000)
    tab.keyboard.press("PageDown")
    tab.wait_for_url("**model=mnist-gamma-4.63*")
    settle(tab)
    tab.wait_for_function(FRAME, arg="1", timeout=60_000)
    tab.wait_for_timeout(500)
    dots = tab.locator(".st-key-stage-figure .js-plotly-plot .scatterlayer .point").count()
    assert dots > 500
