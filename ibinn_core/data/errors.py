"""The errors of data sets."""


class DatasetError(ValueError):
    """A copy of a data set is damaged or not what its name says; the message names the file."""


class DatasetNotFoundError(FileNotFoundError):
    """A data set is not on this machine; the message says how to get it."""


class DownloadError(RuntimeError):
    """The official files could not be downloaded, or what was downloaded are not the official files."""
