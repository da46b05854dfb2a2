"""The page on which an image leaves the distribution, and what it says about it."""

import csv
import io

import numpy as np
import pytest
from baseline_helpers import build_registry
from page_helpers import GENERATIVE, clean, figures, tiles
from PIL import Image

import ibinn_core as ib
from app.corruption import corrupted_images, export, measure, wording
from app.corruption.corrupted_images import CorruptedImages
from app.corruption.measure import entropy, offset
from app.corruption.reading import Likelihood, Reading
from app.images.drawings import drawing
from app.models.classes import CLASSES

WHITE = np.full((32, 32, 3), 255, np.uint8)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def reading(offsets, posterior, name="γ = 1") -> Reading:
    band, offsets, posterior = (3.0, 5.0), np.asarray(offsets, float), np.asarray(posterior, float)
    likelihood = Likelihood(
        np.zeros((len(offsets), 5)), 4 + offsets, band, offsets, np.zeros(len(offsets)), np.zeros(4)
    )
    return Reading(name, "rgb(1, 2, 3)", 0.25, posterior, entropy(posterior), np.full(4, 0.5), likelihood)


def answer(posterior, name="ResNet") -> Reading:
    """A reading of a model without a likelihood."""
    return Reading(name, "#010203", 0.25, np.asarray(posterior), entropy(posterior), np.full(4, 0.5))


def rows(*tops: float) -> np.ndarray:
    """Posteriors whose first class has these probabilities; the others share the rest."""
    return np.array([[top, *[(1 - top) / 9] * 9] for top in tops])


# --- corruptions ----------------------------------------------------------------------------------------


def roads(pixels) -> dict[str, CorruptedImages]:
    return {
        "rotation": corrupted_images.rotation(pixels, 54, (1.0, 0.2, 0.3)),
        "uniform": corrupted_images.noise(pixels, "Uniform", 0.1, 3),
        "gaussian": corrupted_images.noise(pixels, "Gaussian", 0.1, 3),
        "blend": corrupted_images.blend(pixels, WHITE, "white"),
    }


@pytest.mark.parametrize("name", ["rotation", "uniform", "gaussian", "blend"])
def test_a_road_begins_with_the_image_itself_and_leads_away(pixels, name):
    corrupted = roads(pixels)[name]
    count = len(corrupted.strengths)
    assert corrupted.images.shape == (count, 32, 32, 3) and corrupted.images.dtype == np.uint8
    assert len(corrupted.labels) == len(set(corrupted.labels)) == count
    assert np.array_equal(corrupted.images[0], pixels) and corrupted.strengths[0] == 0
    change = np.abs(corrupted.images.astype(int) - pixels).mean((1, 2, 3))
    assert (np.diff(change) > -0.05).all() and change[-1] > 5


def test_roads_end_where_the_core_says(pixels):
    x = ib.to_unit(pixels[None]).numpy()
    found = roads(pixels)
    ends = {
        "rotation": ib.exploration.rotate_rgb(x, np.radians(54), (1.0, 0.2, 0.3)),
        "uniform": ib.exploration.add_uniform_noise(x, 0.1, 3),
        "gaussian": ib.exploration.add_gaussian_noise(x, 0.1, 3),
        "blend": ib.to_unit(WHITE[None]).numpy(),
    }
    for name, end in ends.items():
        assert np.array_equal(ib.to_unit(found[name].images[-1:]).numpy(), end)


# --- what is said ---------------------------------------------------------------------------------------

LABELS = ["0°", "10°", "20°", "30°"]
SURE, UNSURE = 0.99, 0.3


@pytest.mark.parametrize(
    ("offsets", "tops", "expected"),
    [
        ([0, 0.5, 1, -1], [SURE] * 4, "the likelihood notices nothing; the posterior is sure at all 4 steps"),
        ([0, 0, 0, 0], [SURE, UNSURE, UNSURE, SURE], "notices nothing; the posterior is sure at 2 of 4 steps"),
        ([0, 0, 1.1, 2], [SURE] * 4, "notices, first at 20°; the posterior stays sure of itself"),
        ([0, -1.1, 0, 2], [SURE, SURE, UNSURE, SURE], "notices, first at 10°; the posterior stays sure of itself"),
        ([0, 0, 1.1, 2], [SURE, SURE, UNSURE, UNSURE], "first at 20°; at none of those steps is the posterior sure"),
        ([0, 0, 1.1, 2], [UNSURE] * 4, "at none of those steps is the posterior sure, nor was it before"),
        ([0, 2, 2, 2], [SURE, SURE, UNSURE, UNSURE], "posterior is still sure at 1 of the 3 steps outside the band"),
        ([2, 2, 2, 2], [SURE] * 4, "untypical from the start; the posterior stays sure of itself"),
        ([0, 0, 1.1, 2], [UNSURE, SURE, UNSURE, UNSURE], "at 20°; at none of those steps is the posterior sure"),
        ([2, 2, 2, 2], [UNSURE] * 4, "untypical from the start; at none of those steps is the posterior sure"),
    ],
)
def test_the_headline_is_true(offsets, tops, expected):
    headline = wording.headline(reading(offsets, rows(*tops)), LABELS)
    assert headline.endswith(expected) or headline == expected


def test_the_details_are_those_of_the_farthest_step():
    said = wording.details(reading([0, -1.5, -3, 2], rows(0.99, 0.9, 0.5, 0.3)), LABELS)
    assert "Outside its band at 3 of 4 steps; farthest on the likely side at 20° with 1.00 bits/dim" in said
    assert "(the band: 3.00 to 5.00)" in said
    assert "*airplane* 99%" in said and "*airplane* 50%" in said and "25% of them misclassified" in said


def test_entropy_and_offset():
    assert entropy(np.full((1, 10), 0.1)) == pytest.approx(np.log2(10))
    assert entropy(np.eye(10)) == pytest.approx(np.zeros(10))
    assert np.array_equal(offset(np.array([3.0, 4.0, 5.0, 7.0]), (3.0, 5.0)), [-1, 0, 1, 3])


def test_the_share_in_view_is_that_of_the_farthest_step():
    latents = np.array([[0, 0, 0], [0, 0, 1], [3, 4, 0], [0, 0, 0]], float)
    assert measure.share_in_view(latents, latents[:, :1]) == pytest.approx(3 / 5)
    assert measure.share_in_view(latents, latents) == pytest.approx(1)
    assert measure.share_in_view(np.zeros((3, 3)), np.zeros((3, 2))) == 0


@pytest.mark.parametrize(("share", "words"), [(0, "0%"), (0.001, "less than 1%"), (0.0051, "1%"), (0.5, "50%")])
def test_a_small_share_is_not_called_none(share, words):
    assert wording.percent(share) == words


def test_a_reading_agrees_with_the_core(no_data):
    checkpoint = next(c for c in ib.checkpoints() if c.id == "gamma-1")
    images = ib.data.load("sample")[0]
    reading = measure.read(checkpoint, "rgb(0, 0, 0)", images)
    found = reading.with_likelihood()
    model = ib.load("gamma-1")
    log_prob = model.log_prob(ib.to_unit(images)).detach().numpy().astype(float)
    reference = checkpoint.latent["reference"].astype(float)
    assert np.allclose(found.p_values, ib.exploration.typicality_p_value(log_prob, reference), atol=2e-3)
    threshold = ib.exploration.typicality_threshold(reference)
    assert np.allclose(np.abs(found.offset), ib.exploration.typicality(log_prob, reference) / threshold, atol=1e-3)
    assert (np.sign(found.offset) == np.sign(reference.mean() - log_prob)).all()
    assert np.allclose(reading.posterior, model.posterior(ib.to_unit(images)).detach().numpy(), atol=1e-5)
    assert np.mean(np.abs(found.test_offset) <= 1) == pytest.approx(0.95, abs=0.02)


def test_tables_and_arrays_hold_every_model_and_step():
    corrupted = CorruptedImages(np.zeros((4, 32, 32, 3), np.uint8), np.arange(4.0), LABELS, "angle", "it turns")
    readings = [reading([0, 1, 2, 3], rows(0.9, 0.8, 0.7, 0.6), name) for name in ("a", "b")]
    table = export.table(readings, corrupted)
    assert table["model"] == ["a"] * 4 + ["b"] * 4 and table["angle"] == [0, 1, 2, 3] * 2
    assert table["q(airplane)"][1] == 0.8 and len({len(column) for column in table.values()}) == 1
    arrays = export.arrays(readings, corrupted)
    assert arrays["latents"].shape == (2, 4, 5) and arrays["posterior"].shape == (2, 4, 10)
    assert list(arrays["models"]) == ["a", "b"] and arrays["images"].shape == (4, 32, 32, 3)


def test_a_model_without_a_likelihood_has_its_posterior_only():
    corrupted = CorruptedImages(np.zeros((4, 32, 32, 3), np.uint8), np.arange(4.0), LABELS, "angle", "it turns")
    other = answer(rows(0.99, 0.9, 0.2, 0.15))
    assert wording.headline(other, LABELS) == "no likelihood that could notice; the posterior is sure at 2 of 4 steps"
    text = wording.details(other, LABELS)
    assert "*airplane* 99%" in text and f"least sure at {LABELS[3]}" in text and "band" not in text
    both = [reading([0, 1, 2, 3], rows(0.9, 0.8, 0.7, 0.6)), other]
    table = export.table(both, corrupted)
    assert table["bits_per_dim"][4:] == table["typicality_p_value"][4:] == [""] * 4
    assert table["bits_per_dim"][:4] == [4, 5, 6, 7] and table["q(airplane)"][4] == 0.99
    arrays = export.arrays(both, corrupted)
    assert arrays["latents"].shape == (2, 4, 5) and np.isnan(arrays["latents"][1]).all()
    assert np.isnan(arrays["band"][1]).all() and np.isfinite(arrays["posterior"]).all()
    assert "ResNet: no likelihood" in wording.alt("It", corrupted, both, 0)


# --- the page -------------------------------------------------------------------------------------------

CORRUPTIONS = {
    "random axis": {},
    "grey axis": {"axis": "Grey axis"},
    "uniform noise": {"corruption": "Noise"},
    "Gaussian noise": {"corruption": "Noise", "noise": "Gaussian", "ood-seed": "4"},
    "a drawing": {"corruption": "Blend", "drawing": "frog"},
    "another image": {"corruption": "Blend", "into": "Another image", "other": "sample-5"},
}


@pytest.fixture
def strip_of(open_page):
    """The images of a page opened with a query, ``(T, 32, 32, 3)``."""

    def run(**query) -> np.ndarray:
        figure = figures(clean(open_page("ood", **query)))[0]
        strip = tiles(figure)[::4, ::4].reshape(-1, 32, 32, 3)
        assert len(strip) == len(figure.frames)
        return strip

    return run


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_link_opens_each_corruption_and_begins_with_the_image(strip_of, no_data, name):
    images, _ = ib.data.load("sample")
    strip = strip_of(image="sample-2", **CORRUPTIONS[name])
    assert np.array_equal(strip[0], images[2]) and not np.array_equal(strip[len(strip) // 2], images[2])
    if name == "a drawing":
        assert np.array_equal(strip[-1], drawing("frog"))
    if name == "another image":
        assert np.array_equal(strip[-1], images[5])


def test_strength_and_seed_change_the_images(strip_of, no_data):
    noise = strip_of(corruption="Noise")
    assert not np.array_equal(noise, strip_of(**{"corruption": "Noise", "ood-seed": "1"}))
    strong = strip_of(corruption="Noise", amplitude="0.2")
    assert np.array_equal(strong[10], noise[20])  # the same pattern, twice as fast
    assert not np.array_equal(strip_of(), strip_of(angle="90°"))


def test_the_shown_model_goes_into_the_url(open_page, no_data):
    page = open_page("ood")  # Streamlit's own bindings write from the browser only: see tests/browser
    page.selectbox(key="shown").set_value("gamma-0.02").run()
    assert page.query_params["shown"] in ("gamma-0.02", ["gamma-0.02"])
    page.selectbox(key="shown").set_value("gamma-1").run()
    assert "shown" not in clean(page).query_params


@pytest.mark.parametrize(
    "query",
    [{"corruption": "Frost"}, {"shown": "gamma-banana"}, {"ood-seed": "-3"}, {"angle": "1000°"}, {"still": "?"}],
)
def test_nonsense_in_the_url_opens_the_page_all_the_same(open_page, no_data, query):
    assert figures(clean(open_page("ood", **query)))


def test_every_model_can_be_looked_at(open_page, no_data):
    for checkpoint in GENERATIVE:
        page = clean(open_page("ood", shown=checkpoint.id, models=checkpoint.id))
        text = " ".join(m.value for m in page.markdown)
        assert f"**{checkpoint.card['error']:.1%}**" in text
        (figure,) = figures(page)
        clouds = [t for t in figure.data if t.name in CLASSES]
        stored = checkpoint.latent["means_coordinates"][:, :2]
        drawn = np.concatenate([np.stack([t.x, t.y], 1) for t in clouds])
        assert len(drawn) == 2500 and np.isin(drawn[:50, 0].astype(np.float32), stored[:, 0]).all()


def test_how_little_the_plane_shows_is_said_once_at_the_plane(open_page, no_data):
    page = clean(open_page("ood"))
    assert "of the image's way lies in it" in figures(page)[0].layout.xaxis.title.text
    assert not any("of the image's way lies in it" in m.value for m in page.markdown)


def test_a_verdict_for_each_chosen_model(open_page, no_data):
    page = clean(open_page("ood", models="gamma-0.02,gamma-35.65", beside=""))
    verdicts = next(m.value for m in page.markdown if "■" in m.value)
    assert verdicts.count("■") == 2 and "**γ = 0.02**: " in verdicts and "**γ = 35.65**: " in verdicts
    names = {t.name for t in figures(page)[0].data if t.type == "scatter" and t.mode == "lines" and t.name}
    assert names == {"γ = 0.02", "γ = 35.65"}


def test_a_shown_model_that_is_no_longer_chosen_gives_way(open_page, no_data):
    page = open_page("ood", shown="gamma-35.65")
    page.pills(key="models").set_value(["gamma-0.02"]).run()
    assert clean(page).selectbox(key="shown").value == "gamma-0.02"
    assert "shown" not in page.query_params


def test_no_model_chosen_asks_for_one(open_page, no_data):
    page = open_page("ood")
    page.pills(key="models").set_value([]).run()
    assert "Choose at least one" in clean(page).info[0].value


def test_a_still_is_a_figure_without_the_player(open_page, no_data):
    page = open_page("ood")
    page.toggle(key="still").set_value(True).run()
    page.select_slider(key="moment-rotation").set_value(6).run()
    (figure,) = figures(clean(page))
    assert not figure.frames and not figure.layout.updatemenus
    assert figure.layout.yaxis2.range == (7 * 32, 6 * 32)
    again = clean(open_page("ood", **{"still": "true", "moment-rotation": "90°"}))
    assert figures(again)[0].layout.yaxis2.range == (7 * 32, 6 * 32)


def test_the_figure_has_words_for_those_who_cannot_see_it(open_page, no_data):
    chart = open_page("ood", corruption="Noise").get("plotly_chart")[0]
    assert "noise grows on it" in str(chart.proto)


def test_the_exports_are_what_they_say(no_data, pixels):
    from app.figures.corruption import Plane
    from app.figures.gif.corruption import corruption_frames
    from app.widgets.export_menu import csv_bytes, gif_bytes, npz_bytes

    corrupted = corrupted_images.noise(pixels, "Uniform", 0.1, 0)
    found = measure.read(GENERATIVE[0], "rgb(0, 0, 0)", corrupted.images)
    plane = Plane(
        np.zeros((5, 2)),
        np.arange(5),
        np.random.default_rng(0).normal(size=(10, 2)),
        found.with_likelihood().latents[:, :2],
    )
    lines = list(csv.DictReader(io.StringIO(csv_bytes(export.table([found], corrupted)).decode())))
    assert len(lines) == 26 and float(lines[25]["bits_per_dim"]) == pytest.approx(found.with_likelihood().bits[25])
    assert sum(float(lines[0][f"q({name})"]) for name in CLASSES) == pytest.approx(1, abs=1e-5)
    archive = np.load(io.BytesIO(npz_bytes(**export.arrays([found], corrupted))))
    assert np.array_equal(archive["images"], corrupted.images) and archive["latents"].shape == (1, 26, 3072)
    animation = Image.open(io.BytesIO(gif_bytes(corruption_frames(plane, corrupted, found, classes=CLASSES), 90)))
    assert animation.format == "GIF" and animation.n_frames == 26


# --- beside models without a likelihood -----------------------------------------------------------------


@pytest.fixture
def with_baselines(monkeypatch, tmp_path, no_data):
    build_registry(tmp_path / "checkpoints", monkeypatch)
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))


def test_a_resnet_stands_beside_the_models_with_one_curve(open_page, with_baselines):
    page = clean(open_page("ood", models="gamma-0.02,gamma-1", beside="resnet,vib-1", image="sample-3"))
    (figure,) = figures(page)
    lines = [t for t in figure.data if t.type == "scatter" and t.mode == "lines" and t.name]
    assert sorted(t.name for t in lines) == sorted(["γ = 0.02", "γ = 1"] * 2 + ["ResNet", "VIB, γ = 1"])
    (resnet,) = [t for t in lines if t.name == "ResNet"]
    assert resnet.line.dash and resnet.showlegend is None and resnet.text[0].count("no likelihood") == 1
    strip = tiles(figure)[::4, ::4].reshape(-1, 32, 32, 3)
    posterior = ib.load("resnet").posterior(ib.to_unit(strip)).detach().numpy()
    assert np.allclose(resnet.y, entropy(posterior), atol=1e-4)
    verdicts = next(m.value for m in page.markdown if "■" in m.value)
    assert "**ResNet**: no likelihood that could notice" in verdicts and verdicts.count("■") == 4
    assert page.selectbox(key="shown").options == ["γ = 0.02", "γ = 1"]
    assert any("**Dashed**" in m.value for m in page.markdown)


def test_what_stands_beside_can_be_sent_away(open_page, with_baselines):
    page = clean(open_page("ood", models="gamma-1"))
    assert page.pills(key="beside").value == ["resnet"]
    page.pills(key="beside").set_value([]).run()
    assert "ResNet" not in {t.name for t in figures(clean(page))[0].data}
    assert not any("**Dashed**" in m.value for m in page.markdown)
