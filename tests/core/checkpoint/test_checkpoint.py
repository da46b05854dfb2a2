"""Checkpoints: stored values, the listing, refusals, and saves that are whole or not at all."""

import copy
import dataclasses
import json
import math
import os
import pickle
import shutil
import signal
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoint_helpers import SMALL, edit_arrays, edit_json, one_sentence, renew_manifest
from grid_helpers import mostly_slow
from safetensors.torch import load_file, save_file

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import (
    CARD,
    CONFIG,
    LATENT,
    MANIFEST,
    WEIGHTS,
    CheckpointError,
    arrays,
    verify,
)
from ibinn_core.layers import FixedMatrix

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(pristine, tmp_path, monkeypatch):
    """A registry of two checkpoints, ``broken`` for a test to break; IBINN_CHECKPOINTS names it."""
    for name in ("good", "broken"):
        shutil.copytree(pristine, tmp_path / "checkpoints" / name)
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "checkpoints"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def header(file: Path) -> dict:
    with open(file, "rb") as weights:
        return json.loads(weights.read(struct.unpack("<Q", weights.read(8))[0]))


# --- what is stored -------------------------------------------------------------------------------------


def test_a_loaded_model_has_the_same_latents(parts, pristine):
    x = ib.to_unit(parts.images[:20])
    loaded = ib.load(pristine)
    assert torch.equal(loaded.encode(x), parts.model.encode(x))
    assert torch.equal(loaded.log_prob(x, per_class=True), parts.model.log_prob(x, per_class=True))
    assert torch.equal(loaded.class_means, parts.model.class_means)


def test_a_loaded_model_inverts_exactly(parts, pristine):
    x = ib.to_unit(parts.images)
    loaded = ib.load(pristine)
    assert (loaded.decode(loaded.encode(x)) - x).abs().max() < 1e-5
    matrices = [module for module in loaded.modules() if isinstance(module, FixedMatrix)]
    assert len(matrices) == 7  # the cosine whitening's three, the pixels', two permutations, the DCT
    for module in matrices:
        product = module.matrix.double() @ module.inverse.double()
        assert (product - torch.eye(product.shape[-1])).abs().max() < 1e-5


def test_only_the_matrices_of_the_subnetworks_are_in_half_precision(pristine, parts):
    entries = {k: v for k, v in header(pristine / WEIGHTS).items() if k != "__metadata__"}
    assert entries.keys() == parts.model.state_dict().keys()
    dtypes = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}
    half = set()
    for name, value in parts.model.state_dict().items():
        if entries[name]["dtype"] == "F16":
            half.add(name)
        else:
            assert entries[name]["dtype"] == dtypes[value.dtype], name
    layers = parts.model.named_modules()
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    assert half == {f"{name}.weight" for name, layer in layers if isinstance(layer, kinds)} and half


def test_weights_between_two_half_precision_numbers_are_rounded_but_means_are_not(parts, tmp_path):
    model = registry.load(parts.save(tmp_path / "one"))
    with torch.no_grad():
        for value in model.parameters():
            value.mul_(1 + 2**-15)
    registry.write_checkpoint(tmp_path / "two", model, parts.config, parts.card, parts.latent)
    again = registry.load(tmp_path / "two")
    assert torch.equal(again.class_means, model.class_means)
    x = ib.to_unit(parts.images[:5])
    assert not torch.equal(again.encode(x), model.encode(x))  # the sub-networks were rounded
    assert (again.decode(again.encode(x)) - x).abs().max() < 1e-5  # and are inverted as they were stored


def test_a_loaded_model_only_answers_questions(pristine):
    loaded = ib.load(pristine)
    assert not any(module.training for module in loaded.modules())
    floating = [value for value in loaded.state_dict().values() if value.is_floating_point()]
    assert all(value.dtype == torch.float32 for value in floating)
    assert list(loaded.parameters()) and not any(p.requires_grad for p in loaded.parameters())
    assert loaded.noise == "uniform"


def test_a_loaded_model_knows_its_empirical_means(parts, pristine):
    loaded = ib.load(pristine)
    np.testing.assert_array_equal(loaded.empirical_class_means.numpy(), parts.latent["empirical_means"])
    assert loaded.latent_spread == parts.latent["spread"]
    assert loaded.sample([3], 0.0, center="empirical").shape == (1, 3, 32, 32)


def test_gaussian_noise_is_remembered(parts, tmp_path):
    training = {**parts.config["training"], "noise": 1e-3}
    saved = parts._replace(config={**parts.config, "training": training}).save(tmp_path / "sigma")
    assert saved.noise == 1e-3 and ib.load(tmp_path / "sigma").noise == 1e-3


def test_all_parts_come_back(parts, pristine):
    found = registry.read(pristine)
    assert found.card == parts.card
    assert found.config == {"format": 1, **parts.config}
    assert found.latent.keys() == parts.latent.keys() == arrays.LATENT_ARRAYS.keys()
    for name, array in parts.latent.items():
        np.testing.assert_array_equal(found.latent[name], array)
        assert found.latent[name].dtype == array.dtype


def test_a_checkpoint_is_five_files_a_manifest_and_no_pickle(pristine):
    names = [CONFIG, WEIGHTS, CARD, LATENT, MANIFEST]
    assert sorted(path.name for path in pristine.iterdir()) == sorted(names)
    with np.load(pristine / LATENT, allow_pickle=False) as file:
        assert not any(file[name].dtype.hasobject for name in file.files)
    modes = {path.stat().st_mode & 0o777 for path in pristine.iterdir()}
    assert len(modes) == 1  # whoever may read one of them may read all


# --- listing --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_importing_the_library_imports_nothing_else():
    code = (
        "import sys, ibinn_core as ib\n"
        "print([name for name in sys.modules if name.startswith('ibinn_core')], 'numpy' in sys.modules)\n"
        "assert ib.__all__ == dir(ib) and all(getattr(ib, name) for name in ib.__all__)\n"
        "assert ib.training.Trainer and ib.onnx.to_onnx and ib.models and ib.measures\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert ended.stdout == "['ibinn_core'] False\n", ended.stderr
    assert ended.returncode == 0, ended.stderr


def test_listing_imports_nothing_heavy(folder):
    code = (
        "import sys, ibinn_core as ib\n"
        f"found = ib.checkpoints({str(folder)!r})\n"
        "assert [c.id for c in found] == ['broken', 'good'], found\n"
        "found[0].card, found[0].noise\n"
        "heavy = {'torch', 'sklearn', 'umap', 'numba', 'scipy', 'torchvision'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, timeout=300)


def test_listing_reads_no_more_than_the_weights_header(folder):
    with open(folder / "broken" / WEIGHTS, "rb+") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        values = json.loads(file.read(length))
        end = max(entry["data_offsets"][1] for name, entry in values.items() if name != "__metadata__")
        values["huge"] = {"dtype": "U8", "shape": [2**35], "data_offsets": [end, end + 2**35]}
        text = json.dumps(values).encode()
        file.seek(0)
        file.truncate()
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end + 2**35)  # 32 GiB of nothing, which no machine here could read
    readable, (refused,) = registry.scan(folder)
    assert [c.id for c in readable] == ["good"]
    one_sentence(refused.reason, "weights.safetensors is damaged: it is larger than 256 MiB")


ORDER = [
    ("z", {"kind": "ib", "gamma": 0.0}),
    ("y", {"kind": "ib", "gamma": 0.02}),
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
    assert [c.id for c in found] == [name for name, _ in ORDER]
    assert [c.gamma for c in found] == [objective["gamma"] for _, objective in ORDER]
    assert [c.objective for c in found] == [objective["kind"] for _, objective in ORDER]
    assert isinstance(found[0].gamma, float)
    assert '"gamma": "inf"' in (tmp_path / "w" / CONFIG).read_text()
    # The literals of Python's json are no JSON.
    assert not any("Infinity" in path.read_text() for path in tmp_path.glob("*/*.json"))
    assert ib.load(tmp_path / "w").class_means.shape == (10, 3072)


def test_listing_passes_by_what_is_no_checkpoint(folder):
    (folder / "readme.txt").write_text("mine")
    (folder / ".hidden").mkdir()
    (folder / "new.partial").mkdir()
    readable, refused = registry.scan(folder)
    assert [c.id for c in readable] == ["broken", "good"] and refused == []


def test_no_folder_is_no_checkpoints(tmp_path):
    assert registry.scan(tmp_path / "nowhere") == ([], []) and ib.checkpoints(tmp_path) == []
    with pytest.raises(CheckpointError, match="There is no folder .*nowhere"):
        ib.checkpoints(tmp_path / "nowhere")


def test_the_folders(monkeypatch, tmp_path):
    monkeypatch.delenv("IBINN_CHECKPOINTS", raising=False)
    assert registry.folders()[0] == REPOSITORY / "checkpoints"
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    assert registry.folders()[0] == tmp_path


def test_load_by_id_by_path_and_by_entry(folder, parts):
    for source in ("good", folder / "good", "checkpoints/good", f"{folder}/good/", ib.checkpoints()[1]):
        assert torch.equal(ib.load(source).class_means, parts.model.class_means)


def test_an_id_goes_before_a_folder_of_that_name_in_the_working_directory(folder, tmp_path):
    (tmp_path / "good").mkdir()  # such as a training's
    assert registry.find("good").path == folder / "good"


def test_the_working_directory_itself_has_a_name(folder, monkeypatch):
    monkeypatch.chdir(folder / "good")
    assert registry.find(".").id == "good"


@pytest.mark.parametrize("name", ["gamma-7", "", "no/such/place", "a\0b", "x" * 5000, "good/config.json"])
def test_an_unknown_id_names_the_known_ones(folder, name):
    for call in (ib.load, registry.find):
        with pytest.raises(CheckpointError, match="known ones: broken, good") as caught:
            call(name)
        assert "\n" not in str(caught.value)
    shutil.rmtree(folder)
    with pytest.raises(CheckpointError, match="known ones: none"):
        ib.load(name)


# --- what is refused in listing ---------------------------------------------------------------------------


def config(change):
    return lambda folder: edit_json(folder / CONFIG, change)


def card(change):
    return lambda folder: edit_json(folder / CARD, change)


def objective(**values):
    return config(lambda c: c["training"]["objective"].update(values))


def text(name, old, new):
    def change(folder):
        before = (folder / name).read_text()
        assert old in before
        (folder / name).write_text(before.replace(old, new, 1))
        renew_manifest(folder)

    return change


def whole(name, data):
    def change(folder):
        (folder / name).write_bytes(data)
        if name != MANIFEST:
            renew_manifest(folder)

    return change


def truncated(name, keep):
    """Keeps a share of a file."""

    def change(folder):
        os.truncate(folder / name, int((folder / name).stat().st_size * keep))
        renew_manifest(folder)

    return change


def appended(folder):
    with open(folder / WEIGHTS, "ab") as file:
        file.write(b"\0" * 16)
    renew_manifest(folder)


def with_header(values):
    data = values if isinstance(values, bytes) else json.dumps(values).encode()
    return whole(WEIGHTS, struct.pack("<Q", len(data)) + data)


def as_folder(name):
    def change(folder):
        (folder / name).unlink()
        (folder / name).mkdir()

    return change


def foreign(folder):
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "photo.png").write_bytes(b"\x89PNG")


class Bomb:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return Path.write_text, (self.trace, "unpickled")


def wrong_offsets(folder):
    """A header that is as long as it should be, and as the body, but whose tensors overlap."""
    data = (folder / WEIGHTS).read_bytes()
    old, new = b'"shape":[10,3072]', b'"shape":[10,3071]'
    assert old in data
    (folder / WEIGHTS).write_bytes(data.replace(old, new))
    renew_manifest(folder)


def pickled_weights(folder):
    torch.save({"weights": Bomb(folder.parent / "trace")}, folder / WEIGHTS)
    renew_manifest(folder)


def no_number(name):
    *path, last = name.split(".")

    def change(values):
        for key in path:
            values = values[key]
        del values[last]

    return card(change)


#: Numbers that the card of an IB-INN has, by the path to them.
CARD_NUMBERS = (
    *(
        "error",
        "calibration_top_label",
        "confidence",
        "reconstruction",
        "separation",
        "latent_spread",
        "measured.images",
    ),
    *("calibration_paper.ece", "calibration_paper.geometric_mean", "bits_per_dim.mean", "bits_per_dim.worst"),
)

REFUSED = {
    "empty folder": (foreign, "has no manifest.json"),
    "no config": (lambda f: (f / CONFIG).unlink(), "has no config.json"),
    "no card": (lambda f: (f / CARD).unlink(), "has no card.json"),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), "has no weights.safetensors"),
    "config a folder": (as_folder(CONFIG), "config.json is damaged"),
    "weights a folder": (as_folder(WEIGHTS), "weights.safetensors is damaged"),
    "config cut short": (truncated(CONFIG, 0.5), "config.json is damaged"),
    "config empty": (whole(CONFIG, b""), "config.json is damaged"),
    "config binary": (whole(CONFIG, b"\xff\xfe\0\x80"), "config.json is damaged"),
    "config a list": (whole(CONFIG, b"[1, 2]"), "config.json is not valid: [1, 2] should be a valid dictionary"),
    "config a bomb": (whole(CONFIG, b"[" * 100_000), "config.json is damaged"),
    "config of something else": (whole(CONFIG, b'{"name": "bert"}'), "format is missing; update this program, or"),
    "newer format": (config(lambda c: c.update(format=2)), "format 2 should be 1; update this program, or"),
    "format 0": (config(lambda c: c.update(format=0)), "format 0 should be 1"),
    "format text": (config(lambda c: c.update(format="1")), "format '1' should be 1"),
    "no training": (config(lambda c: c.pop("training")), "training is missing"),
    "training a list": (config(lambda c: c.update(training=[])), "training does not describe a model"),
    "unknown objective": (objective(kind="gan"), "'gan'"),
    "objective a list": (objective(kind=["ib"]), "objective.kind ['ib'] should be a valid string"),
    "gamma negative": (objective(gamma=-1), "gamma -1"),
    "gamma text nan": (objective(gamma="nan"), "gamma 'nan'"),
    "gamma other text": (objective(gamma="1.0"), "gamma '1.0'"),
    "gamma infinite text": (objective(gamma="Infinity"), "gamma 'Infinity'"),
    "gamma NaN": (text(CONFIG, '"gamma": 1.0', '"gamma": NaN'), "config.json is damaged"),
    "gamma Infinity": (text(CONFIG, '"gamma": 1.0', '"gamma": Infinity'), "config.json is damaged"),
    "gamma of 400 digits": (objective(gamma=10**400), "gamma 1000"),
    "gamma true": (objective(gamma=True), "gamma True"),
    "gamma null": (objective(gamma=None), "needs a gamma"),
    "gamma a list": (objective(gamma=[1.0]), "gamma [1.0]"),
    "gamma where none belongs": (objective(kind="class-nll"), "gamma belongs to"),
    "noise nonsense": (config(lambda c: c["training"].update(noise="loud")), "'loud'"),
    "noise zero": (config(lambda c: c["training"].update(noise=0)), "noise"),
    "classes missing": (config(lambda c: c.pop("num_classes")), "num_classes is missing"),
    "classes nonsense": (
        config(lambda c: c.update(num_classes=-3)),
        "num_classes -3 should be greater than or equal to 1",
    ),
    "data missing": (config(lambda c: c.pop("data")), "data is missing"),
    "card cut short": (truncated(CARD, 0.5), "card.json is damaged"),
    "card a number": (whole(CARD, b"3"), "card.json is not valid: 3 should be a valid dictionary"),
    "card NaN": (card(lambda c: c.update(error=math.nan)), "card.json is damaged"),
    "card infinite": (text(CARD, '"error": ', '"error": 1e999, "was": '), "error inf should be"),
    "card text": (card(lambda c: c.update(error="0.4")), "error '0.4' should be a valid number"),
    "card true": (card(lambda c: c.update(error=True)), "error True should be a valid number"),
    "card flat": (card(lambda c: c.update(bits_per_dim=4.0)), "bits_per_dim 4.0 should be a valid dictionary"),
} | {f"card without {name}": (no_number(name), f"{name} is missing") for name in CARD_NUMBERS}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_bad_checkpoint_is_refused_in_one_sentence_and_hides_no_other(folder, damage):
    change, reason = REFUSED[damage]
    change(folder / "broken")
    readable, refused = registry.scan()
    assert [c.id for c in readable] == ["good"]
    assert [r.id for r in refused] == ["broken"]
    one_sentence(refused[0].reason, "Checkpoint 'broken' is refused: ", reason)
    with pytest.warns(UserWarning) as warned:
        assert [c.id for c in ib.checkpoints()] == ["good"]
    # What other tests left to the garbage collector may be complained of at any time.
    assert [str(w.message) for w in warned if w.category is UserWarning] == [refused[0].reason]
    for call in (ib.load, registry.find):
        with pytest.raises(CheckpointError) as caught:
            call("broken")
        assert str(caught.value) == refused[0].reason
    assert not (folder / "trace").exists()


# --- what is refused in loading -----------------------------------------------------------------------------


def architecture(**values):
    return config(lambda c: c["training"]["architecture"].update(values))


def weights(change):
    def damage(folder):
        tensors = load_file(folder / WEIGHTS)
        change(tensors)
        save_file(tensors, folder / WEIGHTS)
        renew_manifest(folder)

    return damage


def put(name, value):
    return weights(lambda tensors: tensors[name].view(-1)[:1].fill_(value))


def singular(tensors):
    name = next(n for n in tensors if n.endswith("rotation.matrix"))
    tensors[name].zero_()


def no_order(tensors):
    next(value for name, value in tensors.items() if name.endswith(".order")).fill_(10**6)


def negative_variances(tensors):
    next(value for name, value in tensors.items() if name.endswith(".running_var")).fill_(-1)


def array(name, change):
    return edit_arrays(lambda values: values.update({name: change(values[name])}))


def replaced(name, value):
    return lambda old: np.where(np.arange(old.size).reshape(old.shape) == 0, old.dtype.type(value), old)


def object_arrays(folder):
    bombs = np.array([Bomb(folder.parent / "trace")], dtype=object)
    with np.load(folder / LATENT) as file:
        np.savez(folder / LATENT, **{**file, "labels": bombs})
    renew_manifest(folder)


def plain_pickle(folder):
    whole(LATENT, pickle.dumps(Bomb(folder.parent / "trace")))(folder)


BAD_NUMBERS = {
    "cut short": (truncated(LATENT, 0.5), "latent.npz is damaged"),
    "a pickle": (plain_pickle, "latent.npz is damaged"),
    "object arrays": (object_arrays, "latent.npz is damaged"),
    "lacking arrays": (edit_arrays(lambda a: [a.pop("spread"), a.pop("hashes")]), "lacks hashes, spread"),
    "too few rows": (array("hashes", lambda a: a[:-1]), "holds hashes of a shape or type"),
    "too few rows of a view": (array("lda_coordinates", lambda a: a[:-1]), "holds lda_coordinates of a shape"),
    "other classes": (array("posterior", lambda a: a[:, :-1]), "holds posterior of a shape or type"),
    "a scalar for rows": (array("labels", lambda a: a[0]), "holds labels of a shape or type"),
    "text for numbers": (array("log_prob", lambda a: a.astype("U5")), "holds log_prob of a shape or type"),
    "an array for a number": (array("spread", lambda a: a[None]), "holds spread of a shape or type"),
    "other dimensions": (array("pca_origin", lambda a: a[:-1]), "holds pca_origin of a shape or type"),
    "no labels": (
        edit_arrays(lambda a: a.update({k: v[:0] for k, v in a.items() if v.shape[:1] == (300,)})),
        "holds no labels",
    ),
    "NaN": (array("reference", replaced("reference", math.nan)), "holds reference that are not finite"),
    "infinite spread": (array("spread", lambda a: np.float32("inf")), "holds spread that are not finite"),
    "neighbors that are none": (array("neighbors", replaced("neighbors", 300)), "out of range"),
    "neighbors below zero": (array("neighbors", lambda old: -old.astype(np.int32) - 1), "out of range"),
    "labels that are none": (array("labels", replaced("labels", 10)), "out of range"),
    "no distribution": (array("posterior", lambda a: 2 * a), "no distribution over the classes"),
    "negative spread": (array("spread", lambda a: -a), "a spread below zero"),
}

#: What the config and the card tell.
NO_MODEL = {
    "unknown choice": (architecture(attention=True), "does not describe a model"),
    "no such scaling": (architecture(scaling="much"), "does not describe a model"),
    "no architecture": (config(lambda c: c["training"].pop("architecture")), "does not describe a model"),
    "architecture a list": (config(lambda c: c["training"].update(architecture=[1])), "does not describe a model"),
    "negative width": (architecture(widths=[8, -8]), "does not describe a model"),
    "width of text": (architecture(widths=["8", "8"]), "does not describe a model"),
    "width beyond memory": (architecture(widths=[8, 2**40]), "does not describe a model"),
    "unknown whitening": (architecture(whitening=["sine"]), "does not describe a model"),
    "images of one number": (architecture(image_shape=3), "does not describe a model"),
    "more classes than there may be": (
        config(lambda c: c.update(num_classes=4000)),
        "num_classes 4000 should be less than or equal to 200",
    ),
    "smoothing nonsense": (objective(label_smoothing=2), "does not describe a model"),
    "epochs nonsense": (config(lambda c: c["training"].update(epochs="many")), "does not describe a model"),
    "a block of thousands": (
        architecture(blocks=[3000, 1]),
        "architecture.blocks.0 3000 should be less than or equal to 128",
    ),
    "blocks beyond 64 bits": (architecture(blocks=[2**64, 1]), "should be less than or equal to 128"),
    "clamp of text": (architecture(clamp="0.7"), "architecture.clamp '0.7' should be a valid number"),
    "null shifts": (architecture(whitening_shifts=None), "architecture.whitening_shifts None should be a valid tuple"),
    "no such data set": (
        config(lambda c: c["data"].update(name="../elsewhere")),
        "data.name '../elsewhere' should match pattern",
    ),
    "no budget": (config(lambda c: c.pop("budget")), "is not valid: budget is missing"),
    "budget of text": (
        config(lambda c: c["budget"].update(epochs="many")),
        "budget.epochs 'many' should be a valid number",
    ),
    "no ancestry": (config(lambda c: c.pop("ancestry")), "is not valid: ancestry is missing"),
    "ancestors of null": (config(lambda c: c.update(ancestry=[None])), "ancestry.0 None should be a valid dictionary"),
    "an ancestor elsewhere": (
        config(lambda c: c.update(ancestry=[{"checkpoint": "x", "data": "../x"}])),
        "ancestry.0.data '../x' should match pattern",
    ),
    "an error below zero": (card(lambda c: c.update(error=-3)), "error -3 should be greater than or equal to 0"),
    "an error above one": (card(lambda c: c.update(error=1.5)), "error 1.5 should be less than or equal to 1"),
    "nothing measured": (card(lambda c: c.update(measured={})), "measured.images is missing"),
    "overconfidence of text": (card(lambda c: c.update(overconfidence="much")), "overconfidence 'much' should be a"),
    "no latents": (lambda f: (f / LATENT).unlink(), "has no latent.npz"),
    "latents a folder": (as_folder(LATENT), "latent.npz is damaged"),
}
NOT_LOADED = {
    "weights empty": (whole(WEIGHTS, b""), "weights.safetensors is damaged"),
    "weights of 5 bytes": (whole(WEIGHTS, b"\1\0\0\0\0"), "weights.safetensors is damaged"),
    "weights cut in the body": (truncated(WEIGHTS, 0.7), "weights.safetensors is damaged"),
    "weights appended to": (appended, "weights.safetensors is damaged"),
    "header endless": (whole(WEIGHTS, b"\xff" * 8 + b"{}" * 500), "weights.safetensors is damaged"),
    "header of garbage": (with_header(b"\xff\0{]"), "weights.safetensors is damaged"),
    "header a bomb": (with_header(b"[" * 100_000), "weights.safetensors is damaged"),
    "weights a pickle": (pickled_weights, "weights.safetensors is damaged"),
    "tensors that overlap": (wrong_offsets, "weights.safetensors is damaged"),
    "another size of image": (architecture(image_shape=[3, 16, 16]), "does not fit its config.json"),
    "other classes": (config(lambda c: c.update(num_classes=11)), "does not fit its config.json"),
    "another width": (architecture(widths=[8, 16]), "does not fit its config.json"),
    "another depth": (architecture(blocks=[1, 2]), "does not fit its config.json"),
    "a tensor too few": (weights(lambda t: t.pop("mixture.phi")), "does not fit its config.json"),
    "a tensor too many": (weights(lambda t: t.update(more=torch.zeros(3))), "does not fit its config.json"),
    "another type": (weights(lambda t: t.update({"mixture.phi": t["mixture.phi"].long()})), "does not fit"),
    "a network beyond memory": (architecture(blocks=[128, 128], widths=[4096, 4096]), "does not fit its config.json"),
    "NaN": (put("mixture.means", math.nan), "weights are not finite"),
    "infinity in half precision": (put("flow.layers.4.subnetwork.net.0.weight", math.inf), "weights are not finite"),
    "NaN in a fixed matrix": (put("flow.layers.1.frequencies.colours.matrix", math.nan), "weights are not finite"),
    "a singular matrix": (weights(singular), "does not fit its config.json"),
    "an order of places that are none": (weights(no_order), "cannot be computed with"),
    "variances below zero": (weights(negative_variances), "give no finite numbers for a grey image"),
}


@pytest.mark.parametrize("damage", NO_MODEL)
def test_what_passes_the_listing_has_a_config_that_describes_a_model_and_all_files(folder, damage):
    change, reason = NO_MODEL[damage]
    change(folder / "broken")
    readable, (refused,) = registry.scan()
    assert [c.id for c in readable] == ["good"]
    one_sentence(refused.reason, "Checkpoint 'broken' is refused: ", reason)
    with pytest.raises(CheckpointError) as caught:
        ib.load("broken")
    assert str(caught.value) == refused.reason
    assert not (folder / "trace").exists()


@pytest.mark.parametrize("damage", NOT_LOADED)
def test_what_listing_cannot_see_is_refused_by_load(folder, damage):
    change, reason = NOT_LOADED[damage]
    change(folder / "broken")
    assert [c.id for c in ib.checkpoints()] == ["broken", "good"]
    with pytest.raises(CheckpointError) as caught:
        ib.load("broken")
    one_sentence(str(caught.value), "Checkpoint 'broken' is refused: ", reason)
    assert not (folder / "trace").exists()
    ib.load("good")


def test_the_classes_and_the_dimensions_are_those_of_its_training(folder):
    entry = registry.find("good")
    assert entry.classes == ib.data.CIFAR10_CLASSES and entry.dataset.dims == ib.load(entry).config.dims == 3072
    config(lambda c: c["data"].update(name="elsewhere"))(folder / "broken")
    assert registry.find("broken").classes == tuple("0123456789")


@pytest.mark.parametrize("damage", BAD_NUMBERS)
def test_a_bad_latent_npz_is_refused_when_it_is_asked_for(folder, damage):
    change, reason = BAD_NUMBERS[damage]
    change(folder / "broken")
    entry = registry.find("broken")
    with pytest.raises(CheckpointError) as caught:
        entry.latent  # noqa: B018
    one_sentence(str(caught.value), "Checkpoint 'broken' is refused: ", reason)
    with pytest.raises(CheckpointError) as again:
        ib.load(entry)
    assert str(again.value) == str(caught.value) and not (folder / "trace").exists()


def test_a_missing_latent_npz_is_refused_when_it_is_asked_for(folder):
    (folder / "broken" / LATENT).unlink()
    renew_manifest(folder / "broken")
    with pytest.raises(CheckpointError) as caught:
        registry.find("broken").latent  # noqa: B018
    one_sentence(str(caught.value), "'broken'", "it has no latent.npz")
    model = ib.load("broken")  # which can do without
    with pytest.raises(ValueError, match="no empirical class means"):
        model.sample([0], center="empirical")


# --- saving -------------------------------------------------------------------------------------------------


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


def die_at(patch, step: str, error: BaseException) -> None:
    target, name, number = STEPS[step]
    original, calls = getattr(target, name), iter(range(number + 1))

    def dying(*arguments, **options):
        if next(calls) == number:
            if name == "write_bytes":  # half a file
                arguments[0].write_bytes(b"half")
            raise error
        return original(*arguments, **options)

    patch.setattr(target, name, dying)


@pytest.mark.parametrize("error", [Killed(), OSError("No space left on device")], ids=["killed", "disk full"])
@pytest.mark.parametrize("step", mostly_slow(STEPS, "before the weights", "before the old one is moved"))
def test_a_save_that_ends_at_any_step_leaves_one_whole_checkpoint(parts, tmp_path, step, error, monkeypatch):
    parts.save(tmp_path / "one")
    new = parts._replace(card={**parts.card, "error": 0.125})
    with monkeypatch.context() as patch:
        die_at(patch, step, error)
        with pytest.raises(type(error)):
            new.save(tmp_path / "one")
    expected = 0.125 if step == "before the old one is removed" else parts.card["error"]
    (found,), refused = registry.scan(tmp_path)
    assert refused == [] and found.id == "one" and found.card["error"] == expected
    monkeypatch.setenv("IBINN_CHECKPOINTS", str(tmp_path))
    assert torch.equal(ib.load("one").class_means, parts.model.class_means)
    np.testing.assert_array_equal(registry.find("one").latent["labels"], parts.latent["labels"])

    # A further save that fails at its first step has still not lost anything, and one that succeeds tidies up.
    with monkeypatch.context() as patch:
        die_at(patch, "before the weights", error)
        with pytest.raises(type(error)):
            new.save(tmp_path / "one")
    assert [c.card["error"] for c in registry.scan(tmp_path)[0]] == [expected]
    new.save(tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert registry.find("one").card["error"] == 0.125


def test_the_first_save_that_is_killed_leaves_nothing_to_list(parts, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        die_at(patch, "before the latents", Killed())
        with pytest.raises(Killed):
            parts.save(tmp_path / "one")
    assert registry.scan(tmp_path) == ([], [])
    assert parts.save(tmp_path / "one").id == "one"


KILLED_IN_SAVING = """
import os, signal, sys
from pathlib import Path
from ibinn_core import checkpoint
folder = Path(sys.argv[1])
entry = checkpoint.read(folder)
write_bytes = checkpoint.verify.write_bytes
def dying(path, data):
    write_bytes(path, data)
    if path.name == checkpoint.LATENT:
        os.truncate(path, 1000)
        os.kill(os.getpid(), signal.SIGKILL)
checkpoint.verify.write_bytes = dying
card = {**entry.card, "error": 0.125}
checkpoint.write_checkpoint(folder, checkpoint.load(entry), entry.config, card, entry.latent)
"""


@pytest.mark.slow
def test_a_process_that_is_killed_in_saving_leaves_the_old_checkpoint(folder):
    before = contents(folder / "good")
    command = [sys.executable, "-c", KILLED_IN_SAVING, str(folder / "good")]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert (folder / "good.partial" / LATENT).exists()
    assert contents(folder / "good") == before
    readable, refused = registry.scan(folder)
    assert [c.id for c in readable] == ["broken", "good"] and refused == []


@pytest.mark.parametrize("is_file", [True, False])
def test_a_save_destroys_nothing_but_a_checkpoint(parts, tmp_path, is_file):
    """For example, `export runs/gamma-1 checkpoints` without the new checkpoint's name."""
    target = tmp_path / "precious"
    inner = target if is_file else target / "thesis.txt"
    inner.parent.mkdir(exist_ok=True)
    inner.write_text("years of work")
    with pytest.raises(CheckpointError) as caught:
        parts.save(target)
    one_sentence(str(caught.value), str(target), "would be lost")
    assert inner.read_text() == "years of work" and [p.name for p in tmp_path.iterdir()] == ["precious"]


def test_a_save_into_an_empty_or_a_new_folder(parts, tmp_path):
    (tmp_path / "empty").mkdir()
    assert parts.save(tmp_path / "empty").id == "empty"
    assert parts.save(tmp_path / "new" / "deep").path == tmp_path / "new" / "deep"


def test_loading_warns_of_nothing(pristine):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = ib.load(pristine)
    assert model.config == SMALL


# --- data sets ----------------------------------------------------------------------------------------------

NAMES = [f"class {number}" for number in range(10)]


def data_set(**values):
    return config(lambda c: c["data"].update(values))


def test_a_config_from_before_there_were_several_data_sets_means_what_its_name_stands_for(folder):
    entry = registry.find("good")
    assert entry.config["data"].keys() == {"name", "training_images", "test_images"}
    assert entry.dataset == ib.data.describe("cifar10") and entry.classes == ib.data.CIFAR10_CLASSES


def test_a_data_set_that_nobody_knows_tells_its_own_classes(folder):
    data_set(name="winds", title="The Winds", classes=NAMES, fingerprint="0123456789abcdef")(folder / "broken")
    entry = registry.find("broken")
    assert entry.classes == tuple(NAMES) and entry.dataset.title == "The Winds"
    assert entry.dataset.image_shape == (3, 32, 32) and entry.dataset.mean == SMALL.mean
    assert entry.dataset.fingerprint == "0123456789abcdef" and entry.dataset.id_prefix == "winds-"
    again = dataclasses.replace(entry, config={**entry.config, "data": registry.describe_dataset(entry.dataset)})
    assert again.dataset == entry.dataset


def test_without_names_of_classes_they_are_called_by_their_numbers(folder):
    data_set(name="winds")(folder / "broken")
    entry = registry.find("broken")
    assert entry.dataset.title == "winds" and entry.classes == tuple("0123456789")
    good = registry.find("good")
    twelve = dataclasses.replace(good, config={**good.config, "num_classes": 12})  # not CIFAR-10's ten
    assert twelve.classes == tuple(map(str, range(12)))


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"classes": NAMES[:-1]}, "data.classes"),
        ({"classes": [*NAMES[:-1], NAMES[0]]}, "data.classes"),
        ({"classes": [*NAMES[:-1], 9]}, "data.classes"),
        ({"classes": [*NAMES[:-1], "two\nlines"]}, "printable text"),
        ({"classes": [*NAMES[:-1], " "]}, "printable text"),
        ({"classes": "abcdefghij"}, "data.classes"),
        ({"title": ""}, "data.title"),
        ({"title": ["CIFAR-10"]}, "data.title"),
        ({"fingerprint": 7}, "data.fingerprint"),
    ],
)
def test_a_strange_description_of_a_data_set_is_refused(folder, values, reason):
    data_set(**values)(folder / "broken")
    readable, (refused,) = registry.scan()
    assert [c.id for c in readable] == ["good"]
    one_sentence(refused.reason, "Checkpoint 'broken' is refused: its config.json is not valid: ", reason)


def test_other_data_sets_come_after_cifar10_each_in_its_order(folder, tmp_path):
    for name, data in (("a-winds", "winds"), ("b-mnist", "mnist"), ("c", "cifar10")):
        shutil.copytree(folder / "good", folder / name)
        data_set(name=data)(folder / name)
    assert [c.id for c in ib.checkpoints()] == ["broken", "c", "good", "b-mnist", "a-winds"]
    assert [c.dataset.title for c in ib.checkpoints()][2:] == ["CIFAR-10", "MNIST", "winds"]


# --- several folders ----------------------------------------------------------------------------------------


def test_several_folders_are_listed_together(folder, tmp_path, monkeypatch, parts):
    parts.save(tmp_path / "mine" / "better")
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep.join([str(tmp_path / "mine"), str(folder)]))
    assert registry.folders() == [tmp_path / "mine", folder] and registry.folders()[0] == tmp_path / "mine"
    assert [c.id for c in ib.checkpoints()] == ["better", "broken", "good"]
    assert registry.find("better").path.parent == tmp_path / "mine" and registry.find("good").path.parent == folder
    assert torch.equal(ib.load("better").class_means, parts.model.class_means)
    with pytest.raises(CheckpointError, match="known ones: better, broken, good"):
        ib.load("gamma-7")
    assert [c.id for c in ib.checkpoints(folder)] == ["broken", "good"]


def test_an_empty_entry_is_the_repositorys_own_folder(monkeypatch, tmp_path):
    own = REPOSITORY / "checkpoints"
    for value, expected in (
        ("", [own]),
        (f"{os.pathsep}{tmp_path}", [own, tmp_path]),
        (f"{tmp_path}{os.pathsep}", [tmp_path, own]),
        (f"{tmp_path}{os.pathsep}{tmp_path}", [tmp_path]),
        ("~/models", [Path.home() / "models"]),
    ):
        monkeypatch.setenv("IBINN_CHECKPOINTS", value)
        assert registry.folders() == expected


def test_of_two_checkpoints_of_one_id_the_first_folders_is_taken_and_the_other_named(folder, tmp_path, monkeypatch):
    shutil.copytree(folder / "good", tmp_path / "mine" / "good")
    monkeypatch.setenv("IBINN_CHECKPOINTS", os.pathsep.join([str(tmp_path / "mine"), str(folder)]))
    readable, (refused,) = registry.scan()
    assert {c.id: c.path.parent for c in readable} == {"broken": folder, "good": tmp_path / "mine"}
    one_sentence(refused.reason, "'good' is refused", str(folder / "good"), "rename one of them")
    assert registry.find("good").path.parent == tmp_path / "mine"


# --- an aligned model -----------------------------------------------------------------------------------


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


def test_a_file_without_any_means_is_refused(parts, tmp_path):
    parts.save(tmp_path / "broken")
    file = tmp_path / "broken" / WEIGHTS
    save_file({name: value for name, value in load_file(file).items() if name != "mixture.means"}, file)
    renew_manifest(tmp_path / "broken")
    with pytest.raises(CheckpointError, match="does not fit its config.json"):
        ib.load(tmp_path / "broken")
