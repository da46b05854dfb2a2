"""The errors of data sets."""


class DatasetError(ValueError):
    """A copy of a data set is damaged or not what its name says; the message names the file.

    Example:
        >>> import os, pathlib, tempfile
        >>> from unittest.mock import patch
        >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, IBINN_DATA=folder):
        ...     _ = pathlib.Path(folder, "cifar10.npz").write_text("not an archive")
        ...     ib.data.load("cifar10")
        Traceback (most recent call last):
        ibinn_core.data.errors.DatasetError: ...cifar10.npz is damaged or no .npz file (...); replace or remove it.
    """


class DatasetNotFoundError(FileNotFoundError):
    """A data set is not on this machine; the message says how to get it.

    Example:
        >>> import os, tempfile
        >>> from unittest.mock import patch
        >>> with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, IBINN_DATA=folder):
        ...     ib.data.load("cifar10")
        Traceback (most recent call last):
        ibinn_core.data.errors.DatasetNotFoundError: There is no copy of CIFAR-10 in ...: run `python ...
    """


class DownloadError(RuntimeError):
    """The official files could not be downloaded, or what was downloaded are not the official files.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile() as file:  # a file, where a folder is needed
        ...     ib.data.download("cifar10", folder=file.name)
        Traceback (most recent call last):
        ibinn_core.data.errors.DownloadError: CIFAR-10 could not be fetched from ...
    """
