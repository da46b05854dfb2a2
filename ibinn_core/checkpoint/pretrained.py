"""What ``from_pretrained``, ``save_pretrained`` and ``push_to_hub`` of :mod:`ibinn_core.models.pretrained` do."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..files import is_there, new_folder, read_bytes, write_bytes, write_text
from ..models.kinds import KINDS
from ..models.schema import shown
from ..models.shapes import ALIGNED, MEANS
from . import hugging_face
from .folder import Checkpoint, read
from .listing import locate, on_this_machine
from .loading import load
from .manifest import check_unchanged, read_file, write_manifest
from .model_card import CARD_FILE, license_in, model_card
from .names import FILES, MANIFEST, WEIGHTS
from .validation import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.classifier import Classifier

_Model = TypeVar("_Model")
_LONGEST_CARD = 2**20  # bytes


class PushError(CheckpointError):
    """A model could not be put on the Hugging Face Hub; the message says why, and what to do."""


class Source(NamedTuple):
    """How a repository is fetched; the arguments of ``from_pretrained``."""

    force_download: bool = False
    token: str | bool | None = None
    cache_dir: str | Path | None = None
    local_files_only: bool = False
    revision: str | None = None


def load_as(cls: type[_Model], name: str | Path, source: Source) -> _Model:
    """The model of a checkpoint, if it is one of ``cls``.

    Raises:
        CheckpointError: if there is none, it cannot be fetched or used, or is of another kind.
    """
    model: Any = load(_folder_of(name, source))
    if not isinstance(model, cls):
        raise CheckpointError(
            f"{name} is {KINDS[model.kind].name}, which is no {cls.__name__}: load it by "
            "ibinn_core.Classifier.from_pretrained, or ibinn_core.load."
        )
    return model


def _folder_of(name: str | Path, source: Source) -> Path:
    """Where the checkpoint lies, fetched if need be."""
    text = str(name)
    if isinstance(name, Path) or is_there(Path(text)) or not hugging_face.is_name(text):
        if source.local_files_only and on_this_machine(name) is None:
            raise CheckpointError(f"There is no checkpoint {shown(text)} on this machine, and it may not be fetched.")
        return locate(name)
    place = hugging_face.folder_of(text, source.revision, source.cache_dir)
    if is_there(place) and not source.force_download:
        return place
    if source.local_files_only:
        raise CheckpointError(
            f"{text} has not been fetched to {place}, and may not be now: leave local_files_only out."
        )
    return hugging_face.fetch(text, source.revision, source.cache_dir, source.token)


def save(model: "Classifier", path: Path, license: str | None = None, name: str | None = None) -> None:
    """Writes the checkpoint of a model into the folder ``path``, whole or not at all, with a model card.

    Arguments:
        model: loaded from a checkpoint, and not changed since.
        path: the folder. One with files that no checkpoint has is not replaced.
        license: see :func:`.model_card.model_card`.
        name: by which a program loads it, in a card that nobody has written by hand; the checkpoint's id if not given.

    Raises:
        CheckpointError: if the model is of no checkpoint, or has been changed, the checkpoint is damaged or gone, or
            something else is at ``path``.
        WriteError: if it cannot be written.
    """
    checkpoint = _checkpoint_of(model)
    files = _files(checkpoint)
    _check_weights(model, checkpoint, files[WEIGHTS])
    _check_place(path)
    card = _card(checkpoint, license, name)
    with new_folder(path) as partial:
        for file, data in files.items():
            write_bytes(partial / file, data)
        write_text(partial / CARD_FILE, card)
        write_manifest(partial)
        read(partial, has_latent=False)  # so that nothing takes the place of another that could not be read


def push(
    model: "Classifier",
    repo_id: str,
    license: str | None,
    token: str | None,
    private: bool | None,
    options: dict[str, Any],
) -> str:
    """Puts the checkpoint of a model into a repository of the Hub, and returns the address of the commit.

    Arguments:
        model: as for :func:`save`.
        repo_id: ``"owner/name"``, or a name.
        license: as for :func:`save`.
        token: that may write there.
        private: whether a new repository is private.
        options: of ``huggingface_hub.HfApi.upload_folder``.

    Raises:
        CheckpointError: as :func:`save`, before anything is sent.
        PushError: if the package is missing or the Hub does not take it.
    """
    owner, slash, name = repo_id.rpartition("/")
    if not hugging_face.is_name(f"{owner if slash else 'owner'}/{name}"):
        raise PushError(f"{shown(repo_id)} is no name of a repository: give owner/name.")
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise PushError(
            f"To put {repo_id} on the Hugging Face Hub the package huggingface_hub is needed: pip install "
            "huggingface_hub; save_pretrained writes the same folder without it."
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, name)
        save(model, written, license, repo_id if slash else None)
        try:
            api = HfApi(token=token)
            made = api.create_repo(repo_id, private=private, exist_ok=True).repo_id
            return str(api.upload_folder(repo_id=made, repo_type="model", folder_path=written, **options))
        except Exception as error:  # which ones it raises has changed from version to version
            said = hugging_face.first_sentence(error)
            raise PushError(
                f"{repo_id} could not be put on the Hugging Face Hub ({said}): see that the name is yours, that "
                "you are logged in (hf auth login) and that there is a connection."
            ) from error


def _checkpoint_of(model: "Classifier") -> Checkpoint:
    blend = getattr(model, "blend", None)
    if blend is not None:
        raise CheckpointError(
            f"This model was mixed from {blend.left} and {blend.right} and has not been measured, so it is no "
            "checkpoint: save one of those two."
        )
    if model.checkpoint is None:
        raise CheckpointError(
            "This model was not loaded from a checkpoint, and what cannot be said of it is part of one: export its "
            "training (python -m ibinn_core export RUN FOLDER), and load that."
        )
    return model.checkpoint


def _files(checkpoint: Checkpoint) -> dict[str, bytes]:
    """What the files of a checkpoint hold, each as its manifest says."""
    there = [name for name in FILES if name in (checkpoint.manifest or ()) or (checkpoint.path / name).exists()]
    files = {name: read_file(checkpoint.path, name) for name in there}
    for name, data in files.items():
        check_unchanged(checkpoint.path, name, data, checkpoint.manifest)
    return files


def _check_weights(model: "Classifier", checkpoint: Checkpoint, stored: bytes) -> None:
    """Checks that the model is as it was loaded, in whatever dtype and wherever it is now."""
    from safetensors.torch import load as parse

    before, now = parse(stored), model.state_dict()
    if MEANS in now and MEANS not in before and _follow(now[MEANS], before):
        del now[MEANS]
    if before.keys() != now.keys() or not all(_is_same(before[name], now[name]) for name in before):
        raise CheckpointError(
            f"The weights of this model are no longer those of {checkpoint.id}, whose numbers would not be its own: "
            "train and export it (python -m ibinn_core train --init, then export), and load that."
        )


def _follow(means: "Tensor", stored: "dict[str, Tensor]") -> bool:
    """Whether the means of an aligned mixture are those that follow from its stored alignment, up to rounding."""
    import torch

    from ..layers import Alignment

    if ALIGNED not in stored:
        return False
    layer = Alignment(*stored[ALIGNED].shape)
    prefix = ALIGNED.removesuffix("means")
    layer.load_state_dict({n.removeprefix(prefix): value for n, value in stored.items() if n.startswith(prefix)})
    return torch.allclose(means.detach().cpu().float(), layer.aligned_means, rtol=1e-4, atol=1e-4)


def _is_same(stored: "Tensor", value: "Tensor") -> bool:
    return stored.shape == value.shape and bool((stored.to(value.dtype) == value.cpu()).all())


def _check_place(path: Path) -> None:
    """Checks that nothing would be lost but an older checkpoint."""
    strangers = sorted({one.name for one in path.iterdir()} - {*FILES, MANIFEST, CARD_FILE}) if path.is_dir() else []
    if strangers or (path.exists() and not path.is_dir()):
        what = f"with {strangers[0]} in it" if strangers else "and no folder"
        raise CheckpointError(f"{path} is there already, {what}, which would be lost: name a new folder.")


def _card(checkpoint: Checkpoint, license: str | None, name: str | None) -> str:
    """The model card that lies beside the weights; a new one if there is none, or if it says nothing of its own."""
    try:
        text = read_bytes(checkpoint.path / CARD_FILE, _LONGEST_CARD).decode()
    except (OSError, ValueError):
        return model_card(checkpoint, license, name)
    before = license_in(text)
    if text == model_card(checkpoint, before):
        return model_card(checkpoint, license or before, name)
    return text
