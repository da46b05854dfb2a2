"""Checkpoints: stored values, the listing, refusals, and saves that are whole or not at all."""

import copy
import dataclasses
import math
import os
import shutil
import struct
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, Bomb, edit_arrays, edit_json, one_sentence, refusal, renew_manifest
from grid_helpers import mostly_slow
from safetensors.torch import load_file, save_file

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import CARD, CONFIG, LATENT, MANIFEST, WEIGHTS, CheckpointError, arrays, verify

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(pristine, tmp_path, monkeypatch):
    """A registry of two checkpoints, ``broken`` for a test to break; IBINN_CHECKPOINTS names it."""
    for name in ("good", "broken"):
        shutil.copytree(pristine, tmp_path / "checkpoints" / name)
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "checkpoints"


def test_a_loaded_model_is_the_saved_one_and_only_answers_questions(parts, pristine):
    x = ib.to_unit(parts.images) + 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = ib.load(pristine)
    assert loaded.config == SMALL and loaded.noise == "uniform"
    assert torch.equal(loaded.encode(x), parts.model.encode(x))
    assert torch.equal(loaded.log_prob(x[:20], per_class=True), parts.model.log_prob(x[:20], per_class=True))
    assert torch.equal(loaded.class_means, parts.model.class_means)
    assert not any(module.training for module in loaded.modules())
    floating = [value for value in loaded.state_dict().values() if value.is_floating_point()]
    assert all(value.dtype == torch.float32 for value in floating)
    assert list(loaded.parameters()) and not any(p.requires_grad for p in loaded.parameters())
    np.testing.assert_array_equal(loaded.empirical_class_means.numpy(), parts.latent["empirical_means"])
    assert loaded.latent_spread == parts.latent["spread"]
    assert loaded.sample([3], 0.0, center="empirical").shape == (1, 3, 32, 32)


def test_only_the_matrices_of_the_subnetworks_are_in_half_precision(pristine, parts):
    entries, values = load_file(pristine / WEIGHTS), parts.model.state_dict()
    assert entries.keys() == values.keys()
    half = {name for name, entry in entries.items() if entry.dtype == torch.float16}
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    layers = parts.model.named_modules()
    assert half and half == {f"{name}.weight" for name, layer in layers if isinstance(layer, kinds)}
    assert all(entries[name].dtype == values[name].dtype for name in entries.keys() - half)


def test_gaussian_noise_is_remembered(folder):
    put(CONFIG, "training.noise", 1e-3)(folder / "good")
    assert registry.find("good").noise == ib.load("good").noise == 1e-3


def test_all_parts_come_back_from_files_of_which_none_is_a_pickle(parts, pristine):
    found = registry.read(pristine)
    assert found.card == parts.card
    assert found.config == {"format": 1, **parts.config}
    assert found.latent.keys() == parts.latent.keys() == arrays.LATENT_ARRAYS.keys()
    for name, array in parts.latent.items():
        np.testing.assert_array_equal(found.latent[name], array, strict=True)
    assert {path.name for path in pristine.iterdir()} == {CONFIG, WEIGHTS, CARD, LATENT, MANIFEST}
    modes = {path.stat().st_mode & 0o777 for path in pristine.iterdir()}
    assert len(modes) == 1  # whoever may read one of them may read all


def test_the_means_of_an_aligned_model_follow_from_its_alignment(parts, tmp_path):
    model = copy.deepcopy(parts.model)
    x = torch.rand(60, *model.config.image_shape, generator=torch.Generator().manual_seed(1))
    model.fit_alignment(model.encode(x))
    parts._replace(model=model).save(tmp_path / "aligned")
    file = tmp_path / "aligned" / WEIGHTS
    assert "mixture.means" not in load_file(file) and "alignment.means" in load_file(file)
    loaded = ib.load(tmp_path / "aligned")
    torch.testing.assert_close(loaded.class_means, model.class_means, rtol=0, atol=1e-5)
    torch.testing.assert_close(loaded.posterior(x), model.posterior(x), rtol=0, atol=1e-4)
    assert torch.equal(loaded.class_means, loaded.alignment.aligned_means)

    # Older files have them, and they count.
    given = load_file(file) | {"mixture.means": model.class_means + 1}
    save_file(given, file)
    renew_manifest(tmp_path / "aligned")
    torch.testing.assert_close(ib.load(tmp_path / "aligned").class_means, model.class_means + 1, rtol=0, atol=1e-5)


LISTING = """
import sys, ibinn_core as ib
assert [name for name in sys.modules if name.startswith("ibinn_core")] == ["ibinn_core"] and "numpy" not in sys.modules
found = ib.checkpoints()
found[0].card, found[0].noise, found[0].has_likelihood, found[0].latent, found[0].dataset, ib.data.available("cifar10")
assert not {"torch", "sklearn", "umap", "numba", "scipy", "torchvision"} & set(sys.modules)
assert ib.__all__ == dir(ib) and not hasattr(ib, 'a.b') and all(getattr(ib, name) for name in ib.__all__)
print([c.id for c in found])
"""


def test_the_library_and_its_listing_import_nothing_heavy(folder):
    ended = subprocess.run([sys.executable, "-c", LISTING], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert (ended.returncode, ended.stdout) == (0, "['broken', 'good']\n"), ended.stderr


ORDER = [
    ("z", {"kind": "ib", "gamma": 0.0}),
    ("b", {"kind": "ib", "gamma": 1.0}),
    ("c", {"kind": "ib", "gamma": 1.0}),
    ("x", {"kind": "ib", "gamma": 35.65}),
    ("w", {"kind": "ib", "gamma": math.inf}),
    ("v", {"kind": "class-nll", "gamma": None}),
    ("a", {"kind": "class-nll-regularized", "gamma": None}),
]


def test_checkpoints_come_by_objective_and_gamma(parts, tmp_path):
    for name, objective in ORDER:
        parts.save(tmp_path / name, **objective)
    found = ib.checkpoints(tmp_path)
    assert [(c.id, {"kind": c.objective, "gamma": c.gamma}) for c in found] == ORDER
    assert isinstance(found[0].gamma, float)
    # The literals of Python's json are no JSON.
    assert '"gamma": "inf"' in (tmp_path / "w" / CONFIG).read_text()
    assert not any("Infinity" in path.read_text() for path in tmp_path.glob("*/*.json"))
    assert ib.load(tmp_path / "w").class_means.shape == (10, 3072)


def test_other_data_sets_come_after_cifar10_each_in_its_order(folder):
    for name, data in (("a-winds", "winds"), ("b-mnist", "mnist"), ("c", "cifar10")):
        shutil.copytree(folder / "good", folder / name)
        put(CONFIG, "data.name", data)(folder / name)
    assert [c.id for c in ib.checkpoints()] == ["broken", "c", "good", "b-mnist", "a-winds"]
    assert [c.dataset.title for c in ib.checkpoints()][2:] == ["CIFAR-10", "MNIST", "winds"]


def test_listing_passes_by_what_is_no_checkpoint(folder, tmp_path):
    (folder / "readme.txt").write_text("mine")
    (folder / ".hidden").mkdir()
    (folder / "new.partial").mkdir()
    readable, refused = registry.scan(folder)
    assert [c.id for c in readable] == ["broken", "good"] and refused == []
    assert registry.scan(tmp_path / "nowhere") == ([], []) and ib.checkpoints(folder / ".hidden") == []
    with pytest.raises(CheckpointError, match="There is no folder .*nowhere"):
        ib.checkpoints(tmp_path / "nowhere")


def test_the_folders_and_an_empty_entry_for_the_repositorys_own(monkeypatch, tmp_path):
    own = REPOSITORY / "checkpoints"
    monkeypatch.delenv("IBINN_CHECKPOINTS", raising=False)
    assert registry.folders() == [own]
    for value, expected in (
        ("", [own]),
        (f"{os.pathsep}{tmp_path}", [own, tmp_path]),
        (f"{tmp_path}{os.pathsep}{tmp_path}", [tmp_path]),
        ("~/models", [Path.home() / "models"]),
    ):
        monkeypatch.setenv("IBINN_CHECKPOINTS", value)
        assert registry.folders() == expected


def test_several_folders_are_listed_together_and_of_one_id_the_first_counts(folder, tmp_path, monkeypatch, parts):
    parts.save(tmp_path / "mine" / "better")
    shutil.copytree(folder / "good", tmp_path / "mine" / "good")
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep.join([str(tmp_path / "mine"), str(folder)]))
    readable, (refused,) = registry.scan()
    parents = {"better": tmp_path / "mine", "broken": folder, "good": tmp_path / "mine"}
    assert {c.id: c.path.parent for c in readable} == parents
    one_sentence(refused.reason, "'good' is refused", str(folder / "good"), "rename one of them")
    assert all(registry.find(name).path.parent == parent for name, parent in parents.items())
    assert [c.id for c in ib.checkpoints(folder)] == ["broken", "good"]


@pytest.mark.parametrize("name", ["new\nline", "\x1b[31mred", "\u202eleft"])
def test_a_name_that_cannot_be_shown_is_refused(folder, name):
    (folder / "good").rename(folder / name)
    (refused,) = registry.scan()[1]
    assert refused.reason.isprintable() and "rename the folder" in refused.reason


def test_load_by_id_by_path_and_by_entry(folder, parts, tmp_path, monkeypatch):
    (tmp_path / "good").mkdir()  # such as a training's; an id goes before a folder of the working directory
    for source in ("good", folder / "good", "checkpoints/good", f"{folder}/good/", ib.checkpoints()[1]):
        assert torch.equal(ib.load(source).class_means, parts.model.class_means)
    monkeypatch.chdir(folder / "good")
    assert registry.find(".").id == "good"


@pytest.mark.parametrize("name", ["gamma-7", "", "no/such/place", "a\0b", "x" * 5000, "good/config.json"])
def test_an_unknown_id_names_the_known_ones(folder, name):
    for call in (ib.load, registry.find):
        assert "\n" not in refusal(lambda call=call: call(name), "known ones: broken, good")
    refusal(lambda: ib.load("god"), "known ones: good, broken")  # the nearest comes first
    shutil.rmtree(folder)
    with pytest.raises(CheckpointError, match="known ones: none"):
        ib.load(name)


NAMES = [f"class {number}" for number in range(10)]


def test_a_config_from_before_there_were_several_data_sets_means_what_its_name_stands_for(folder):
    entry = registry.find("good")
    assert entry.config["data"].keys() == {"name", "training_images", "test_images"}
    assert entry.dataset == ib.data.describe("cifar10") and entry.classes == ib.data.CIFAR10_CLASSES
    assert entry.dataset.dims == ib.load(entry).config.dims == 3072
    twelve = dataclasses.replace(entry, config={**entry.config, "num_classes": 12})  # not CIFAR-10's ten
    assert twelve.classes == tuple(map(str, range(12)))


def test_a_data_set_that_nobody_knows_tells_its_own_classes(folder):
    put(CONFIG, "data.name", "winds")(folder / "broken")
    entry = registry.find("broken")
    assert entry.dataset.title == "winds" and entry.classes == tuple("0123456789")
    for name, value in (("title", "The Winds"), ("classes", NAMES), ("fingerprint", "0123456789abcdef")):
        put(CONFIG, f"data.{name}", value)(folder / "broken")
    entry = registry.find("broken")
    assert entry.classes == tuple(NAMES) and entry.dataset.title == "The Winds"
    assert entry.dataset.image_shape == (3, 32, 32) and entry.dataset.mean == SMALL.mean
    assert entry.dataset.fingerprint == "0123456789abcdef" and entry.dataset.id_prefix == "winds-"
    again = dataclasses.replace(entry, config={**entry.config, "data": registry.describe_dataset(entry.dataset)})
    assert again.dataset == entry.dataset


def put(name, path, *value):
    """A damage: another value at a path in a JSON file of a checkpoint, or none."""
    *way, last = path.split(".")

    def change(values):
        for key in way:
            values = values[key]
        values.pop(last, None)
        if value:
            (values[last],) = value

    return lambda folder: edit_json(folder / name, change)


config, card = partial(put, CONFIG), partial(put, CARD)


def content(name, change):
    """A damage: what ``change`` makes of the bytes of a file."""

    def damage(folder):
        (folder / name).write_bytes(change((folder / name).read_bytes()))
        renew_manifest(folder)

    return damage


def whole(name, data):
    return content(name, lambda _: data)


def half(name):
    return content(name, lambda data: data[: len(data) // 2])


def removed(name, put=lambda path: None):
    """A damage: nothing in the place of a file, or what ``put`` makes there."""

    def change(folder):
        (folder / name).unlink()
        put(folder / name)

    return change


def pickled_weights(folder):
    torch.save({"weights": Bomb(folder.parent / "trace")}, folder / WEIGHTS)
    renew_manifest(folder)


GAMMA = "training.objective.gamma"
#: Damages, and what the refusal says of each.
REFUSED = [
    *((removed(name), f"has no {name}") for name in (CONFIG, CARD, WEIGHTS, LATENT, MANIFEST)),
    *(
        (removed(name, put), f"{name} is damaged")
        for name in (CONFIG, CARD, WEIGHTS, LATENT, MANIFEST)
        for put in (Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero"))
    ),
    (removed(MANIFEST), "write it with `python -m ibinn_core manifest "),
    *((half(name), f"{name} is damaged") for name in (CONFIG, CARD)),
    (lambda folder: os.truncate(folder / WEIGHTS, 2**35), f"{WEIGHTS} is damaged: it is larger than 256 MiB"),
    (whole(CONFIG, b"[1, 2]"), "config.json is not valid: [1, 2] should be a valid dictionary"),
    (config("format", 2), "format 2 should be 1; update this program, or"),
    (config(GAMMA, -1), "gamma -1"),
    (config(GAMMA, math.nan), "config.json is damaged"),
    (config("training.architecture.widths", [8, 2**40]), "architecture.widths.1 1099511627776 should be less"),
    (config("budget"), "budget is missing"),
    (config("num_classes", 0), "num_classes 0 should be greater than or equal to 1"),
    (config("data.name", "../elsewhere"), "data.name '../elsewhere' should match pattern"),
    *((config("data.classes", names), "data.classes") for names in (NAMES[:-1], [*NAMES[:-1], NAMES[0]])),
    *((config("data.classes", [*NAMES[:-1], name]), "printable text") for name in ("two\nlines", " ")),
    (config("ancestry", [{"data": "../x"}]), "ancestry.0.data '../x' should match pattern"),
    (content(CARD, lambda data: data.replace(b'"error": ', b'"error": 1e999, "was": ')), "error inf should be"),
    (card("error", 1.5), "error 1.5 should be less than or equal to 1"),
    (card("measured.images"), "measured.images is missing"),
]


@pytest.mark.parametrize("damage, reason", REFUSED)
def test_a_bad_checkpoint_is_refused_in_one_sentence_and_hides_no_other(folder, damage, reason):
    damage(folder / "broken")
    with pytest.warns(UserWarning) as warned:
        assert [c.id for c in ib.checkpoints()] == ["good"]
    # What other tests left to the garbage collector may be complained of at any time.
    (said,) = [str(w.message) for w in warned if w.category is UserWarning]
    one_sentence(said, "Checkpoint 'broken' is refused: ", reason)
    for call in (ib.load, registry.find):
        assert refusal(lambda call=call: call("broken")) == said


def weights(change):
    """A damage: what ``change`` makes of the tensors."""

    def damage(folder):
        tensors = load_file(folder / WEIGHTS)
        change(tensors)
        save_file(tensors, folder / WEIGHTS)
        renew_manifest(folder)

    return damage


def filled(end, value, count=1):
    """A damage: a value at the first places of the first tensor whose name has this end."""

    def change(tensors):
        next(t for name, t in tensors.items() if name.endswith(end)).view(-1)[:count].fill_(value)

    return weights(change)


#: What overlaps has a header that is as long as it should be, and as the body.
OVERLAPPING = content(WEIGHTS, lambda data: data.replace(b'"shape":[10,3072]', b'"shape":[10,3071]'))
DAMAGED, UNFIT = "weights.safetensors is damaged", "does not fit its config.json"
NOT_LOADED = [
    *((whole(WEIGHTS, data), DAMAGED) for data in (b"", b"\1\0\0\0\0", b"\xff" * 8 + b"{}" * 500)),
    (content(WEIGHTS, lambda data: data + bytes(16)), DAMAGED),
    (whole(WEIGHTS, struct.pack("<Q", 100_000) + b"[" * 100_000), DAMAGED),
    (pickled_weights, DAMAGED),
    (OVERLAPPING, DAMAGED),
    (config("training.architecture.blocks", [128, 128]), UNFIT),
    (weights(lambda tensors: tensors.pop("mixture.phi")), UNFIT),
    (weights(lambda tensors: tensors.update({"mixture.phi": tensors["mixture.phi"].long()})), UNFIT),
    (filled("rotation.matrix", 0, None), UNFIT),  # it is singular
    (filled("mixture.means", math.nan), "weights are not finite"),
    (filled("colours.matrix", math.nan), "weights are not finite"),
    (filled(".order", 10**6), "its model fails on a grey image"),
    (filled(".order", -1), "weights are not finite"),
    (filled(".running_var", -1, None), "give no finite numbers for a grey image"),
]


@pytest.mark.parametrize("damage, reason", NOT_LOADED)
def test_what_listing_cannot_see_is_refused_by_load(folder, damage, reason):
    damage(folder / "broken")
    assert [c.id for c in ib.checkpoints()] == ["broken", "good"]
    refusal(lambda: ib.load("broken"), "Checkpoint 'broken' is refused: ", reason)
    assert not (folder / "trace").exists()


def array(name, change):
    return edit_arrays(lambda values: values.update({name: change(values[name])}))


def first(name, value):
    """A damage: another first number of an array."""
    return array(name, lambda old: np.where(np.arange(old.size).reshape(old.shape) == 0, old.dtype.type(value), old))


def object_arrays(folder):
    bombs = np.array([Bomb(folder.parent / "trace")], dtype=object)
    edit_arrays(lambda values: values.update(labels=bombs))(folder)


BAD_LATENTS = [
    (half(LATENT), "latent.npz is damaged"),
    (object_arrays, "latent.npz is damaged"),
    (edit_arrays(lambda values: [values.pop("spread"), values.pop("hashes")]), "lacks hashes, spread"),
    (array("labels", lambda a: a[:0]), "labels"),
    (array("posterior", lambda a: a[:, :-1]), "holds posterior of a wrong shape or type"),
    (array("log_prob", lambda a: a.astype(np.longdouble)), "holds log_prob of a wrong shape or type"),
    (first("reference", math.nan), "holds reference that are not finite"),
    (array("means_directions", lambda a: np.full(a.shape, 1e308)), "holds means_directions that are not finite"),
    (first("neighbors", 300), "out of range"),
    (first("labels", 10), "out of range"),
    (array("posterior", lambda a: a + np.float32([0.5, -0.5] + 8 * [0])), "not distributions over the classes"),
    (array("spread", lambda a: -a), "a spread below zero"),
]


@pytest.mark.parametrize("damage, reason", BAD_LATENTS)
def test_a_bad_latent_npz_is_refused_when_it_is_asked_for(folder, damage, reason):
    damage(folder / "broken")
    entry = registry.find("broken")
    said = refusal(lambda: entry.latent, "Checkpoint 'broken' is refused: ", reason)
    assert refusal(lambda: ib.load(entry)) == said and not (folder / "trace").exists()


def test_a_model_can_do_without_latent_npz(folder):
    (folder / "broken" / LATENT).unlink()
    renew_manifest(folder / "broken")
    refusal(lambda: registry.find("broken").latent, "'broken'", "it has no latent.npz")
    with pytest.raises(ValueError, match="no empirical class means"):
        ib.load("broken").sample([0], center="empirical")


class Killed(BaseException):
    """Replaces SIGKILL: no error handler sees it."""


STEPS = {  # of a save, in order: what is patched, and the how-manieth call dies
    "nothing written": (Path, "mkdir", 0),
    "before the config": (verify, "write_bytes", 0),
    "before the weights": (verify, "write_bytes", 1),
    "before the card": (verify, "write_bytes", 2),
    "before the latents": (verify, "write_bytes", 3),
    "before the manifest": (verify, "write_json", 0),
    "before the old one is moved": (Path, "rename", 0),
    "between the two renames": (Path, "rename", 1),
    "before the old one is removed": (shutil, "rmtree", 2),
}


def save_and_die(parts, path: Path, step: str, error: BaseException) -> None:
    target, name, number = STEPS[step]
    original, calls = getattr(target, name), iter(range(number + 1))

    def dying(*arguments, **options):
        if next(calls) == number:
            if name == "write_bytes":  # half a file
                arguments[0].write_bytes(b"half")
            raise error
        return original(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(type(error)):
        patch.setattr(target, name, dying)
        parts.save(path)


@pytest.mark.parametrize("error", [Killed(), OSError("No space left on device")], ids=["killed", "disk full"])
@pytest.mark.parametrize("step", mostly_slow(STEPS, "before the weights", "before the old one is moved"))
def test_a_save_that_ends_at_any_step_leaves_one_whole_checkpoint(parts, tmp_path, step, error, monkeypatch):
    parts.save(tmp_path / "one")
    new = parts._replace(card={**parts.card, "error": 0.125})
    save_and_die(new, tmp_path / "one", step, error)
    expected = 0.125 if step == "before the old one is removed" else parts.card["error"]
    (found,), refused = registry.scan(tmp_path)
    assert refused == [] and found.id == "one" and found.card["error"] == expected
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    assert torch.equal(ib.load("one").class_means, parts.model.class_means)
    np.testing.assert_array_equal(registry.find("one").latent["labels"], parts.latent["labels"])

    # A further save that fails at its first step has still not lost anything, and one that succeeds tidies up.
    save_and_die(new, tmp_path / "one", "before the weights", error)
    assert [c.card["error"] for c in registry.scan(tmp_path)[0]] == [expected]
    new.save(tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert registry.find("one").card["error"] == 0.125
