"""What can be wrong with a data set."""


class DatasetError(ValueError):
    """A copy of a data set is damaged or not what its name says; the message names the file."""


class DatasetNotFoundError(FileNotFoundError):
    """A data set that was asked for by name is not on this machine."""


class DownloadError(RuntimeError):
    """The official files could not be fetched, or are not the official ones."""
