"""Reads ``.npz`` and ``.zip`` archives from untrusted sources, within limits.

Only the requested members are read. Their sizes are added up first, and nothing is unpickled.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import BinaryIO, TypeVar

import numpy as np

MAX_MEMBERS = 100
_DIRECTORY_END, _ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
#: NumPy's header of an array of numbers. NumPy reads it with ``ast``, which fails in threads before Python 3.11.8.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': *'([<>|=]?[A-Za-z][0-9]*)', *'fortran_order': *(True|False), *"
    rb"'shape': *\(((?:[0-9]+, *)*[0-9]*)\),? *\} *\n",
    re.DOTALL,
)
_Parsed = TypeVar("_Parsed")


class ArchiveError(ValueError):
    """An archive is damaged, or holds more than the limits allow."""


def read_arrays(file: BinaryIO, names: Iterable[str], limit: int) -> dict[str, np.ndarray]:
    """Reads the arrays with these ``names`` from an ``.npz``; missing names are left out.

    All arrays together may have at most ``limit`` bytes. Raises an ArchiveError for more bytes, for a damaged archive,
    and for arrays of Python objects or records.
    """
    found = read_members(file, [f"{name}.npy" for name in names], limit, _array)
    return {name.removesuffix(".npy"): array for name, array in found.items()}


def read_members(
    file: BinaryIO, names: Iterable[str], limit: int, parse: Callable[[bytes], _Parsed] = bytes
) -> dict[str, _Parsed]:
    """Reads the members with these names and parses each; see :func:`read_arrays` for errors."""
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            members = {member.filename: member for member in archive.infolist()}
            wanted = {name: members[name] for name in names if name in members}
            if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in wanted.values()):
                raise ArchiveError("its compression is not supported")
            if sum(one.file_size for one in wanted.values()) > limit:
                raise ArchiveError(f"its contents are larger than {limit // 2**20} MiB")
            return {name: parse(archive.read(member)) for name, member in wanted.items()}
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds of errors on damaged files
        raise ArchiveError(f"the archive cannot be read ({error})") from error


def _check_directory(file: BinaryIO) -> None:
    """Refuses an archive with more than ``MAX_MEMBERS`` members before zipfile reads its whole directory."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 42))
    end = file.read(42)
    if len(end) < 22 or end[-22:-18] != _DIRECTORY_END or end[:4] == _ZIP64_LOCATOR:
        raise ArchiveError("its end is not that of an archive")
    members = int.from_bytes(end[-12:-10], "little")
    if members > MAX_MEMBERS or int.from_bytes(end[-10:-6], "little") > 2**20:
        raise ArchiveError(f"it holds more than {MAX_MEMBERS} members")


def _array(data: bytes) -> np.ndarray:
    """Parses the array of numbers in a member, in this machine's byte order."""
    header = _HEADER.match(data)
    if header is None:
        raise ArchiveError("it holds something other than arrays of numbers")
    descr, is_fortran, sizes = (group.decode() for group in header.groups())
    dtype = np.dtype(descr)
    shape = [int(size) for size in sizes.split(",") if size.strip()]
    if dtype.hasobject or prod(shape) * dtype.itemsize != len(data) - header.end():
        raise ArchiveError("an array in it is cut short, or holds Python objects")
    values = np.frombuffer(data, dtype, offset=header.end())
    return values.reshape(shape, order="F" if is_fortran == "True" else "C").astype(dtype.newbyteorder("="))


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Returns the bytes of a compressed ``.npz`` with these arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]
    return file.getvalue()
