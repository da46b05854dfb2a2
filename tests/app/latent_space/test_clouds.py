"""The latent page's clouds: aligned planes, panels, morphs, filters, and images of one's own."""

from types import SimpleNamespace

import numpy as np
import pytest
from page_helpers import GENERATIVE, clean, figures

import ibinn_core as ib
from app.figures.latent import latent_figure_continuous
from app.figures.morph import TWEENS, morph_figure, panels_figure
from app.images import pictures
from app.latent_space import clouds, selection_panel
from app.models.classes import CLASSES
from app.models.latent_rows import rows_of
from ibinn_core.exploration import plane_of_means, project


def model_with(means: np.ndarray, latents: np.ndarray) -> SimpleNamespace:
    basis = plane_of_means(means, len(means) - 1)
    latent = {
        "class_means": means,
        "means_origin": basis.origin,
        "means_directions": basis.directions,
        "means_coordinates": project(latents, basis),
    }
    return SimpleNamespace(latent=latent)


def test_aligned_planes_undo_a_rotation_and_keep_distances():
    rng = np.random.default_rng(0)
    means, latents = rng.standard_normal((10, 40)), rng.standard_normal((200, 40))
    turn, _ = np.linalg.qr(rng.standard_normal((40, 40)))
    reference, turned = model_with(means, latents), model_with(means @ turn + 5, latents @ turn + 5)
    own = clouds.aligned(reference, reference)
    assert np.allclose(own.points, reference.latent["means_coordinates"][:, :2], atol=1e-5)
    other = clouds.aligned(turned, reference)
    assert np.allclose(other.points, own.points, atol=1e-4) and np.allclose(other.means, own.means, atol=1e-4)


def test_rows_are_found_by_hash_whatever_their_order():
    rng = np.random.default_rng(1)
    hashes = rng.permutation(1000).astype(np.uint64)
    wanted = np.array([hashes[5], hashes[999], 5000, 0], np.uint64)
    rows = rows_of(hashes, wanted)
    assert rows[:3].tolist() == [5, 999, -1] and hashes[rows[3]] == 0


def panels(count: int, shared: bool = True):
    rng = np.random.default_rng(2)
    cloud = [rng.standard_normal((60, 2)) * (i + 1) for i in range(count)]
    group = [np.where(np.arange(60) < 50, np.arange(60) % 10, -1) for _ in cloud]
    means = [rng.standard_normal((10, 2)) for _ in cloud]
    rows = np.arange(60) + 100
    hover = [[f"{i}" for i in range(60)]] * count
    return cloud, panels_figure(
        cloud, group, means, [f"M{i}" for i in range(count)], 3, rows, hover, shared, classes=CLASSES
    )


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_panels_hold_every_point_of_every_model_and_return_its_row(count):
    cloud, figure = panels(count)
    drawn = [t for t in figure.data if t.customdata is not None]
    assert len(drawn) == 10 * count
    for index in range(count):
        panel = drawn[10 * index : 10 * index + 10]
        rows = np.concatenate([t.customdata for t in panel])
        assert sorted(rows) == list(range(100, 150))  # those that are filtered out are not there
        for trace in panel:
            assert np.allclose(np.column_stack([trace.x, trace.y]), cloud[index][np.asarray(trace.customdata) - 100])
    assert sum(bool(t.showlegend) for t in drawn) == 10
    axes = [figure.layout[a] for a in figure.layout if a.startswith("xaxis")]
    assert len({tuple(a.range) for a in axes}) == 1  # aligned planes have one scale


def test_panels_in_planes_of_their_own_have_scales_of_their_own():
    _, figure = panels(3, shared=False)
    axes = [figure.layout[a] for a in figure.layout if a.startswith("xaxis")]
    assert len({tuple(a.range) for a in axes}) == 3


def test_a_morph_passes_through_every_model_and_stays_in_the_frame():
    rng = np.random.default_rng(3)
    stages, means = rng.standard_normal((3, 40, 2)).astype(np.float32), rng.standard_normal((3, 10, 2))
    labels = np.arange(40) % 10
    figure = morph_figure(stages, labels, means, ["a", "b", "c"], ["A", "B", "C"], classes=CLASSES)
    assert len(figure.frames) == 2 * TWEENS + 1 == len(figure.layout.sliders[0].steps)
    for stage, frame in enumerate(figure.frames[::TWEENS]):
        for k in range(10):
            assert np.allclose(np.column_stack([frame.data[k].x, frame.data[k].y]), stages[stage][labels == k])
            assert np.allclose([frame.data[10 + k].x[0], frame.data[10 + k].y[0]], means[stage, k])
        assert [note.text for note in frame.layout.annotations] == ["ABC"[stage]]
    half = figure.frames[TWEENS // 2].data[4]
    assert np.allclose(half.x, stages[:2, labels == 4, 0].mean(0), atol=1e-5)
    assert figure.layout.sliders[0].steps[1].label == "a → b"
    # Streamlit sets a figure's title in bold, but not those of frames.
    assert figure.layout.title.text is None and figure.layout.annotations[0].text == "A"
    assert figure.layout.sliders[0].currentvalue.visible is False  # the caption says it
    # Plotly draws a cloud of WebGL twice while frames play, which is seen unless its dots are opaque.
    assert {trace.marker.opacity for trace in figure.data} == {1}
    low, high = figure.layout.xaxis.range
    assert low < means[..., 0].min() and high > means[..., 0].max()


def test_continuous_colours_keep_their_rows_when_classes_are_filtered():
    points, values = np.random.default_rng(4).standard_normal((50, 2)), np.arange(50.0)
    figure = latent_figure_continuous(points, values, "bits", [""] * 50, rows=np.array([4, 7]), classes=CLASSES)
    assert list(figure.data[0].customdata) == [4, 7] and list(figure.data[0].marker.color) == [4, 7]


@pytest.mark.parametrize(
    "query",
    [
        {"show": "Side by side"},
        {"show": "Side by side", "planes": "Own plane", "panel-color": "Mistakes"},
        {"show": "Morph over γ"},
    ],
)
def test_several_models_without_a_data_set(open_page, no_data, query):
    page = clean(open_page("latent", **query))
    (figure,) = figures(page)
    count = len(GENERATIVE)
    if query["show"] == "Side by side":
        assert sum(t.customdata is not None for t in figure.data) == 10 * min(count, 4)
    else:
        assert (
            len(figure.layout.sliders[0].steps)
            == (len([c for c in GENERATIVE if c.gamma is not None]) - 1) * TWEENS + 1
        )


def test_a_class_filter_leaves_the_others_out(open_page, no_data):
    page = clean(open_page("latent", model="gamma-1", drawn=["car", "ship"]))
    labels = GENERATIVE[0].latent["labels"]
    drawn = sum(len(t.customdata) for f in figures(page) for t in f.data if t.customdata is not None)
    assert drawn == np.isin(labels, [1, 8]).sum()


def test_ones_own_image_is_a_star_where_the_network_puts_it(open_page, no_data):
    page = clean(open_page("latent", model="gamma-1", add="true", mine="sample-5"))
    images, _ = ib.data.load("sample", "test")
    z = ib.load("gamma-1").encode(ib.to_unit(images[5:6])).numpy()
    latent = next(c for c in ib.checkpoints() if c.id == "gamma-1").latent
    exact = project(z, (latent["means_origin"], latent["means_directions"]))[0, :2]
    mark = next(t for f in figures(page) for t in f.data if t.marker.symbol == "star")
    assert np.allclose([mark.x[0], mark.y[0]], exact, atol=1e-3)


def test_a_lasso_is_summed_up(open_page, no_data):
    page = open_page("latent", model="gamma-1")
    points = [{"customdata": row} for row in range(40)]
    page.session_state["cloud-gamma-1-means-Class"] = {"selection": {"points": points}}
    clean(page.run())
    assert any("40 test images" in m.value for m in page.markdown)


def test_it_opens_on_a_mistake_or_says_that_there_is_none(no_data):
    from app.latent_space import clouds

    for checkpoint in GENERATIVE:
        row, title = clouds.first_shown(checkpoint)
        posterior, labels = checkpoint.latent["posterior"], checkpoint.latent["labels"]
        shown = np.flatnonzero(pictures.rows_in_gallery(checkpoint.id) >= 0)
        wrong = shown[posterior[shown].argmax(1) != labels[shown]]
        assert row in shown and "among the sample images" in title
        if checkpoint.gamma == 0:  # its classes mean nothing
            assert "least likely" in title and checkpoint.latent["log_prob"][shown].argmin() == (shown == row).argmax()
        elif len(wrong):
            assert "mistake" in title and posterior[row].max() == posterior[wrong].max() and row in wrong
        else:
            assert "right" in title and posterior[row].max() == posterior[shown].max(1).min()


def test_the_image_that_is_looked_at_is_ringed_in_every_panel(open_page, no_data):
    query = {"show": "Side by side", "models": "gamma-1,only-ly"}
    without = figures(open_page("latent", **query))[0].data
    drawn = [row for t in without if t.customdata is not None for row in t.customdata]
    hashes = next(c for c in GENERATIVE if c.id == "gamma-1").latent["hashes"]
    point = np.setdiff1d(np.arange(len(hashes)), drawn)[0]  # one that chance leaves out
    page = clean(open_page("latent", **query, point=f"{hashes[point]:016x}"))
    rings = [t for t in figures(page)[0].data if t.customdata is None and t.mode == "markers" and len(t.x) == 1]
    assert [t.xaxis for t in rings] == ["x", "x2"]


def test_a_table_of_places_leaves_out_what_a_model_does_not_know(no_data):
    first, other = GENERATIVE[0], SimpleNamespace(id="other", latent=dict(GENERATIVE[1].latent))
    rows = np.arange(4)
    other.latent["hashes"] = np.where(np.arange(len(other.latent["hashes"])) == 2, 7, first.latent["hashes"])
    lines = (
        clouds.places_csv([first, other], rows, [np.full((4, 2), 1.5), np.arange(8.0).reshape(4, 2)]).decode().split()
    )
    assert [line.split(",")[:4] for line in lines[5:]] == [
        ["other", f"{first.latent['hashes'][row]:016x}", f"{2 * row:.1f}", f"{2 * row + 1:.1f}"] for row in (0, 1, 3)
    ]


def test_the_morphs_animation_stands_still_at_each_model_and_moves_in_between():
    from app.figures.gif.morph import HOLD, morph_frames
    from app.figures.morph import TWEENS

    rng = np.random.default_rng(0)
    clouds, means = rng.normal(size=(3, 50, 2)), rng.normal(size=(3, 10, 2))
    frames = morph_frames(clouds, rng.integers(0, 10, 50), means, ["<b>γ = 1</b>", "b", "c"])
    assert frames.dtype == np.uint8 and len(frames) == 3 * HOLD + 2 * (TWEENS - 1)
    moves = [bool((a != b).any()) for a, b in zip(frames, frames[1:], strict=False)]
    assert moves == 2 * ([False] * (HOLD - 1) + [True] * TWEENS) + [False] * (HOLD - 1)


def test_the_images_of_a_lasso_are_not_the_first_of_its_rows(monkeypatch):
    from app.images import pictures

    monkeypatch.setattr(pictures, "test_image", lambda id, row: np.full((32, 32, 3), row % 256, np.uint8))
    shown = selection_panel._some_images(GENERATIVE[0], np.arange(200))
    assert len(shown) == selection_panel.SHOWN and max(int(pixels[0, 0, 0]) for pixels in shown) > 100
    assert len(selection_panel._some_images(GENERATIVE[0], np.arange(5))) == 5
