"""``from_pretrained``, ``save_pretrained`` and ``push_to_hub``, as models of the Hugging Face Hub have them.

What they do is in :mod:`ibinn_core.checkpoint.pretrained`, which they import when they are called: it stands above this
room.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from .classifier import Classifier


class Pretrained:
    """What a model has in common with those of the Hub; arguments are called as in its ``PyTorchModelHubMixin``.

    Example:
        >>> model = ib.Classifier.from_pretrained("gamma-1")
        >>> model.checkpoint.card["measured"]["images"]
        9975
    """

    #: Where the model was loaded from, and what was measured of it; ``None`` if it was not loaded. A copy of the model
    #: has it too, whatever becomes of its weights.
    checkpoint: "Checkpoint | None" = None

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        force_download: bool = False,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
        revision: str | None = None,
    ) -> Self:
        """The model of a checkpoint, as :func:`ibinn_core.load` gives it.

        Nothing of the checkpoint is executed. Without its package, huggingface_hub, all but repositories can be loaded.

        Arguments:
            pretrained_model_name_or_path: an id like ``"gamma-1"``, the path of a folder, or ``"owner/name"`` of the
                Hub.
            force_download: whether a repository that is in the cache is fetched anew.
            token: for a private repository; without it that of ``hf auth login``, if there is one.
            cache_dir: where repositories are kept, instead of the library's own cache.
            local_files_only: whether to do without the network.
            revision: branch, tag or commit of the repository. Each has a place of its own in the cache.

        Raises:
            CheckpointError: if there is none, it cannot be fetched or used, or is of another kind than this class.

        Example:
            >>> ib.GenerativeClassifier.from_pretrained("mnist-gamma-1").config.image_shape
            (1, 28, 28)
            >>> ib.GenerativeClassifier.from_pretrained("resnet")
            Traceback (most recent call last):
            ibinn_core.checkpoint.validation.CheckpointError: resnet is a ResNet, which is no GenerativeClassifier: ...
        """
        from ..checkpoint.pretrained import Source, load_as

        source = Source(force_download, token, cache_dir, local_files_only, revision)
        return load_as(cls, pretrained_model_name_or_path, source)

    def save_pretrained(
        self,
        save_directory: str | Path,
        *,
        repo_id: str | None = None,
        push_to_hub: bool = False,
        license: str | None = None,
        **push_to_hub_kwargs: Any,  # those of push_to_hub
    ) -> str | None:
        """Writes the checkpoint of the model into a folder, whole or not at all, with a model card.

        The weights are safetensors, the rest JSON, CSV and NumPy arrays. The folder is a checkpoint like those of this
        library, and a repository of the Hub as it is. It needs no package of the Hub unless it is pushed.

        Arguments:
            save_directory: the folder. An older checkpoint there is replaced; one with other files in it is refused.
            repo_id: see :meth:`push_to_hub`; the name of the folder if not given.
            push_to_hub: whether to do that next.
            license: of the weights, as the Hub calls it, such as ``"mit"``. If not given, that of the model card beside
                the weights, if there is one.
            push_to_hub_kwargs: further arguments of :meth:`push_to_hub`.

        Returns:
            The address of the commit if it was pushed.

        Raises:
            CheckpointError: if the model was not loaded from a checkpoint, or its weights have been changed since: the
                measured numbers are part of what is written, and would not be its own.
            WriteError: if it cannot be written; what was there is there still.

        Example:
            >>> import tempfile
            >>> from pathlib import Path
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     ib.load("mnist-gamma-1").save_pretrained(Path(folder, "mine"), license="mit")
            ...     print(*sorted(path.name for path in Path(folder, "mine").iterdir()))
            ...     print(ib.Classifier.from_pretrained(Path(folder, "mine")).kind)
            README.md card.json config.json history.csv latent.npz manifest.json style.npz weights.safetensors
            ib-inn
        """
        from ..checkpoint.pretrained import save

        save(cast("Classifier", self), Path(save_directory), license)
        if not push_to_hub:
            return None
        return self.push_to_hub(repo_id or Path(save_directory).name, license=license, **push_to_hub_kwargs)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        commit_message: str = "Push model using huggingface_hub.",
        private: bool | None = None,
        token: str | None = None,
        branch: str | None = None,
        create_pr: bool | None = None,
        license: str | None = None,
    ) -> str:
        """Puts what :meth:`save_pretrained` writes into a repository of the Hugging Face Hub, in one commit.

        It needs the package huggingface_hub.

        Arguments:
            repo_id: ``"owner/name"``, or a name of one's own; made if there is none.
            commit_message: what the commit is called.
            private: whether a new repository is private; without it, what is usual for its owner.
            token: that may write there; without it that of ``hf auth login``.
            branch: to put it on, instead of the main one.
            create_pr: whether to make it a pull request.
            license: as in :meth:`save_pretrained`.

        Returns:
            The address of the commit.

        Raises:
            CheckpointError: as in :meth:`save_pretrained`; nothing is sent then.
            PushError: if the package is missing, or the Hub does not take it.

        Example:
            >>> ib.load("gamma-1").push_to_hub("no/such/name")
            Traceback (most recent call last):
            ibinn_core.checkpoint.pretrained.PushError: 'no/such/name' is no name of a repository: ...
        """
        from ..checkpoint.pretrained import push

        options = {"commit_message": commit_message, "revision": branch, "create_pr": create_pr}
        return push(cast("Classifier", self), repo_id, license, token, private, options)
