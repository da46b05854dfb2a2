"""Models in the manner of the Hugging Face Hub: saved, loaded, and pushed to a server that stands for it or refuses."""

import inspect
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from checkpoint_helpers import one_sentence
from grid_helpers import mostly_slow
from hub_helpers import StandIn, stand_in
from huggingface_hub import HfApi, ModelCard, PyTorchModelHubMixin
from server_helpers import send

import ibinn_core as ib
from ibinn_core import checkpoint as registry
from ibinn_core.checkpoint import hugging_face, pretrained
from ibinn_core.checkpoint.model_card import CARD_FILE, model_card
from ibinn_core.files import WriteError
from ibinn_core.models.pretrained import Pretrained

NAME = "mnist-gamma-1"
KEPT = ("config.json", "weights.safetensors", "card.json", "history.csv", "latent.npz", "style.npz", "manifest.json")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setenv("IBINN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "of-the-machine")
    monkeypatch.delenv("IBINN_CHECKPOINTS", raising=False)
    monkeypatch.chdir(tmp_path)
    with stand_in(monkeypatch) as found:
        yield found


@pytest.fixture
def model():
    return ib.load(NAME)


@pytest.fixture
def small(pristine, tmp_path) -> Path:
    """The folder of a small checkpoint of one's own, with a manifest and without a model card."""
    folder = tmp_path / "own" / "small-1"
    shutil.copytree(pristine, folder)
    registry.write_manifest(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["from_pretrained", "save_pretrained", "push_to_hub"])
def test_arguments_are_called_as_in_the_mixin_of_the_hub(name):
    ours, theirs = (
        dict(inspect.signature(getattr(cls, name)).parameters) for cls in (Pretrained, PyTorchModelHubMixin)
    )
    if name != "from_pretrained":
        assert ours.pop("license").default is None
    assert ours.keys() <= theirs.keys() and len(ours) > 3
    for argument, parameter in ours.items():
        assert (parameter.kind, parameter.default) == (theirs[argument].kind, theirs[argument].default), argument


# Saving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", mostly_slow([NAME, "mnist-resnet", "vib-1"]))
def test_what_is_saved_is_the_checkpoint_and_loads_without_the_hubs_package(id, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    model = ib.Classifier.from_pretrained(id)
    assert model.save_pretrained(tmp_path / "saved") is None
    kept = contents(registry.locate(id))
    assert contents(tmp_path / "saved") == kept and kept.keys() >= {*KEPT[:4], "manifest.json", CARD_FILE}
    again = type(model).from_pretrained(str(tmp_path / "saved"))
    x = torch.rand(3, *model.config.image_shape, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model.posterior(x), again.posterior(x)) and again.checkpoint.id == "saved"
    assert registry.scan(tmp_path)[1] == []  # pages can show it too


def test_one_in_another_dtype_is_the_same_still(model, tmp_path):
    model.double().save_pretrained(tmp_path / "saved")
    assert (tmp_path / "saved" / "weights.safetensors").read_bytes() == contents(registry.locate(NAME))[
        "weights.safetensors"
    ]


def changed(model) -> None:
    with torch.no_grad():
        model.mixture.means[0, 0] += 0.01


@pytest.mark.parametrize("change", [lambda model: model.double(), changed])
def test_means_that_follow_from_an_alignment_are_compared_with_it(small, tmp_path, change):
    model = ib.load(small)
    model.align(model.encode(torch.rand(80, *model.config.image_shape, generator=torch.Generator().manual_seed(2))))
    entry = model.checkpoint
    registry.save(tmp_path / "new", model, entry.config, entry.card, entry.history, entry.latent)
    loaded = ib.load(tmp_path / "new")
    loaded.save_pretrained(tmp_path / "saved", license="mit")
    assert contents(tmp_path / "saved")["weights.safetensors"] == contents(tmp_path / "new")["weights.safetensors"]
    change(loaded)
    if change is changed:
        with pytest.raises(registry.CheckpointError, match="are no longer those of"):
            loaded.save_pretrained(tmp_path / "other")
    else:
        loaded.save_pretrained(tmp_path / "other")


@pytest.mark.slow
def test_one_without_manifest_and_card_gets_both(small, tmp_path):
    (small / "manifest.json").unlink()
    with pytest.warns(UserWarning, match="has no manifest.json"):
        model = ib.load(small)
    model.save_pretrained(tmp_path / "saved", license="cc0-1.0")
    assert registry.read_manifest(tmp_path / "saved").keys() == contents(small).keys()
    assert ModelCard((tmp_path / "saved" / CARD_FILE).read_text("utf-8")).data.license == "cc0-1.0"


def test_it_may_be_saved_where_it_lies(small):
    ib.load(small).save_pretrained(small)
    assert CARD_FILE in contents(small) and ib.load(small).has_likelihood


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: (one := ib.load(NAME), changed(one))[0], (f"no longer those of {NAME}", "export")),
        (
            lambda: ib.family("mnist").at(0.5),
            ("was mixed from mnist-gamma-0.2 and mnist-gamma-1", "save one of those two"),
        ),
        (lambda: ib.GenerativeClassifier(ib.preset("digits")), ("not loaded from a checkpoint", "ibinn_core export")),
    ],
    ids=["changed", "mixed", "untrained"],
)
def test_of_a_model_without_numbers_of_its_own_nothing_is_saved(make, said, tmp_path, hub):
    model = make()
    for attempt in (lambda: model.save_pretrained(tmp_path / "saved"), lambda: model.push_to_hub("me/it")):
        with pytest.raises(ib.CheckpointError) as caught:
            attempt()
        one_sentence(caught.value, *said)
    assert not (tmp_path / "saved").exists() and hub.asked == []


def test_damage_since_it_was_loaded_is_not_passed_on(small, tmp_path):
    model = ib.load(small)
    (small / "card.json").write_text((small / "card.json").read_text() + "\n")
    with pytest.raises(registry.ChangedError, match=r"its card\.json is not the one that its manifest\.json names"):
        model.save_pretrained(tmp_path / "saved")
    shutil.rmtree(small)
    with pytest.raises(ib.CheckpointError, match=r"it has no config\.json"):
        model.save_pretrained(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_a_folder_with_something_else_in_it_stays_as_it_is(model, tmp_path):
    for name in (".git", "photo.jpg"):
        folder = tmp_path / name.strip(".")
        model.save_pretrained(folder)
        (folder / name).write_text("mine")
        before = contents(folder)
        with pytest.raises(ib.CheckpointError, match=f"is there already, with {name} in it, which would be lost"):
            model.save_pretrained(folder)
        assert contents(folder) == before
    with pytest.raises(ib.CheckpointError, match="is there already, and no folder"):
        model.save_pretrained(folder / name)


def test_an_older_checkpoint_is_replaced_whole_or_not_at_all(model, small, monkeypatch):
    before = contents(small)

    def full(path, text):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(WriteError, match="make room there"):
        patch.setattr(pretrained, "write_text", full)
        model.save_pretrained(small)
    assert contents(small) == before and [path.name for path in small.parent.iterdir()] == [small.name]
    model.save_pretrained(small)
    assert contents(small) == contents(registry.locate(NAME))


# Model cards --------------------------------------------------------------------------------------------


def test_a_card_written_by_hand_stays_and_another_names_the_repository(hub, small):
    model = ib.load(small)
    model.push_to_hub("me/small", license="mit")
    text = hub.files["me/small", "main"][CARD_FILE].decode()
    assert text == model_card(model.checkpoint, "mit", "me/small") and 'ib.load("me/small")' in text
    (small / CARD_FILE).write_text(text := "# By hand\n")
    model.push_to_hub("me/small")
    assert hub.files["me/small", "main"][CARD_FILE].decode() == text


def test_the_licence_of_the_card_that_is_there_is_kept(hub, small):
    model = ib.load(small)
    model.save_pretrained(small, license="apache-2.0")
    model = ib.load(small)
    model.push_to_hub("me/small")
    assert ModelCard(hub.files["me/small", "main"][CARD_FILE].decode()).data.license == "apache-2.0"


# Pushing ------------------------------------------------------------------------------------------------


def test_what_is_pushed_can_be_loaded_by_its_name(hub, model, tmp_path):
    address = model.push_to_hub("somebody/digits", private=True, token="mine", commit_message="The first")
    assert address.endswith(f"/somebody/digits/commit/{'0' * 39}1")
    kept = contents(registry.locate(NAME))
    pushed = hub.files["somebody/digits", "main"]
    assert {name: pushed[name] for name in KEPT} == {name: kept[name] for name in KEPT}
    assert pushed.keys() == {*KEPT, CARD_FILE}
    assert {one.token for one in hub.asked if one.path.startswith(("/api/repos/create", "/api/models/"))} == {"mine"}
    (created,) = (json.loads(one.body) for one in hub.asked if one.path == "/api/repos/create")
    assert (created["organization"], created["name"]) == ("somebody", "digits")
    assert created.get("private") or created["visibility"] == "private"  # in older and newer versions of the package
    (commit,) = (one for one in hub.asked if "/commit/" in one.path)
    assert json.loads(commit.body.splitlines()[0])["value"]["summary"] == "The first"

    x = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    again = ib.GenerativeClassifier.from_pretrained("somebody/digits")
    assert torch.equal(again.log_prob(x), model.log_prob(x)) and again.checkpoint.id == "digits"
    assert torch.equal(ib.load("somebody/digits").log_prob(x), model.log_prob(x))


def test_saving_may_push_and_a_branch_or_a_pull_request_is_passed_on(hub, model, tmp_path, monkeypatch):
    address = model.save_pretrained(tmp_path / "digits", push_to_hub=True, branch="second")
    assert address.endswith("/me/digits/commit/" + "0" * 39 + "1")  # the name of the folder, the owner's from the Hub
    assert hub.files["me/digits", "second"].keys() == {*KEPT, CARD_FILE}

    given = {}
    monkeypatch.setattr(HfApi, "upload_folder", lambda self, **options: given.update(options) or "the address")
    options = {"repo_id": "us/other", "push_to_hub": True, "create_pr": True}
    assert model.save_pretrained(tmp_path / "digits", **options) == "the address"
    assert (given["repo_id"], given["revision"], given["create_pr"]) == ("us/other", None, True)


def refuse(code: int):
    return lambda handler, over: handler.send_error(code)


def hangs_up(handler, over) -> None:
    handler.close_connection = True


def nonsense(handler, over) -> None:
    send(handler, b"<html>what do you want?</html>")


@pytest.mark.parametrize("where", ["/api/repos/create", "/api/models/me/it/preupload", "/api/models/me/it/commit"])
@pytest.mark.parametrize(
    "how",
    mostly_slow([refuse(401), refuse(403), refuse(404), hangs_up, nonsense]),
    ids="401 403 404 hangs nonsense".split(),
)
def test_a_hub_that_refuses_is_told_in_a_sentence(hub, model, monkeypatch, where, how):
    from huggingface_hub.utils import _http

    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)  # it tries again, after longer and longer pauses
    hub.refusals[where] = how
    with pytest.raises(pretrained.PushError) as caught:
        model.push_to_hub("me/it")
    one_sentence(caught.value, "me/it could not be put on the Hugging Face Hub (", "hf auth login")
    assert hub.files.get(("me/it", "main"), {}) == {}  # one commit has all files, or there is none


@pytest.mark.parametrize("name", ["", "/", "a/b/c", "../up", "owner/", "what?", "owner/config.json"])
def test_what_cannot_be_a_repository_is_not_asked_for(hub, model, name):
    with pytest.raises(pretrained.PushError, match="is no name of a repository"):
        model.push_to_hub(name)
    assert hub.asked == []


def test_without_the_hubs_package_a_sentence_says_what_is_needed(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(pretrained.PushError) as caught:
        model.push_to_hub("me/it")
    one_sentence(
        caught.value, "me/it", "pip install huggingface_hub", "save_pretrained writes the same folder without it"
    )


# Loading ------------------------------------------------------------------------------------------------


def offer(hub: StandIn, folder: Path, revision: str = "main") -> None:
    hub.files["me/it", revision] = contents(folder)


def test_a_repository_is_fetched_once_unless_one_insists(hub, small, tmp_path):
    offer(hub, small)
    assert ib.Classifier.from_pretrained("me/it", token="mine").checkpoint.id == "it"
    count = len(hub.asked)
    assert {one.token for one in hub.asked} == {"mine"} and count > 4
    ib.Classifier.from_pretrained("me/it")
    ib.Classifier.from_pretrained("me/it", local_files_only=True)
    assert len(hub.asked) == count
    ib.Classifier.from_pretrained("me/it", force_download=True)
    assert len(hub.asked) > count and {one.token for one in hub.asked[count:]} == {"of-the-machine"}


def test_each_revision_has_a_place_of_its_own(hub, small, tmp_path):
    for revision, license in (("main", "mit"), ("v/2", "cc0-1.0")):
        ib.load(small).save_pretrained(small, license=license)
        card = json.loads((small / "card.json").read_text())
        (small / "card.json").write_text(json.dumps({**card, "error": 0.25 if revision == "v/2" else 0.5}))
        registry.write_manifest(small)
        offer(hub, small, revision)
    errors = [
        ib.Classifier.from_pretrained("me/it", revision=revision).checkpoint.card["error"] for revision in (None, "v/2")
    ]
    assert errors == [0.5, 0.25]
    assert hugging_face.folder_of("me/it", "v/2").is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize("revision", ["", "../..", ".", "/etc", "a b"])
def test_a_revision_leads_nowhere_else(hub, revision):
    with pytest.raises(registry.FetchError, match="is no revision of me/it"):
        ib.Classifier.from_pretrained("me/it", revision=revision)
    assert hub.asked == []


def test_it_may_be_kept_elsewhere(hub, small, tmp_path):
    offer(hub, small)
    model = ib.Classifier.from_pretrained("me/it", cache_dir=tmp_path / "elsewhere")
    assert model.checkpoint.path == tmp_path / "elsewhere" / "me" / "it" and not (tmp_path / "cache").exists()


@pytest.mark.parametrize("name", ["me/it", "gamma-7"])
def test_without_the_network_it_must_be_here(hub, name):
    with pytest.raises(ib.CheckpointError) as caught:
        ib.Classifier.from_pretrained(name, local_files_only=True)
    one_sentence(caught.value, name, "may not be")
    assert hub.asked == []


def test_a_folder_of_that_name_comes_first(hub, small, tmp_path):
    shutil.copytree(small, tmp_path / "me" / "it")
    assert ib.Classifier.from_pretrained("me/it").checkpoint.path == Path("me/it") and hub.asked == []


@pytest.mark.parametrize("where", ["/api/models/me/it", "/me/it/resolve"])
@pytest.mark.parametrize(
    "how", mostly_slow([refuse(401), refuse(404), hangs_up, nonsense]), ids="401 404 hangs nonsense".split()
)
def test_a_hub_that_does_not_give_it_is_told_in_a_sentence(hub, small, tmp_path, monkeypatch, where, how):
    from huggingface_hub.utils import _http

    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)
    offer(hub, small)
    hub.refusals[where] = how
    with pytest.raises(ib.CheckpointError) as caught:
        ib.Classifier.from_pretrained("me/it")
    one_sentence(caught.value, "me/it")
    if isinstance(caught.value, registry.FetchError):
        assert not hugging_face.folder_of("me/it").exists()


def test_one_of_another_kind_is_refused():
    with pytest.raises(ib.CheckpointError) as caught:
        ib.GenerativeClassifier.from_pretrained("mnist-resnet")
    one_sentence(caught.value, "mnist-resnet is a ResNet, which is no GenerativeClassifier")
