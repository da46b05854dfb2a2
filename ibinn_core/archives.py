"""Arrays in an ``.npz`` file that may come from somebody unknown: what it says it holds, and the arrays, within limits.

NumPy expands whatever an archive has, gigabytes out of a few bytes if need be. Here the members that nobody asked for
are left alone, the sizes of the others are added up from their headers before one is read, and nothing is unpickled.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from math import prod
from typing import BinaryIO, NamedTuple, TypeVar, cast

import numpy as np

MOST_MEMBERS = 100
LONGEST_HEADER = 10_000  # of an array, as NumPy's own limit
_VERSION_1 = np.lib.format.magic(1, 0)
_FIELD = re.compile(
    r"'descr' *: *'(?P<descr>[<>|=]?[A-Za-z][0-9]*)'"
    r"|'fortran_order' *: *(?P<fortran_order>True|False)"
    r"|'shape' *: *\((?P<shape>(?:[0-9]+, *)*[0-9]*)\)"
)
_PIECE = 2**20  # bytes that are read at once
_DIRECTORY_END, _ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"


class ArchiveError(ValueError):
    """An archive is damaged, or holds more than it may."""


class Header(NamedTuple):
    """What an array in an archive says of itself."""

    dtype: np.dtype  # of its numbers; V for what is no array
    shape: tuple[int, ...]  # its shape
    is_fortran: bool = False  # whether the first index runs fastest


_NO_ARRAY = Header(np.dtype("V"), ())
_Result = TypeVar("_Result")


def read_headers(file: BinaryIO, names: Iterable[str], limit: int) -> dict[str, Header]:
    """What the arrays with these names say of themselves, if the archive has them; no number is read.

    Raises:
        ArchiveError: if the archive is damaged, or would expand to more than ``limit`` bytes.
    """
    return _each(file, names, limit, _header)


def read_arrays(file: BinaryIO, names: Iterable[str], limit: int) -> dict[str, np.ndarray]:
    """The arrays with these names; arguments and errors are those of :func:`read_headers`."""
    return _each(file, names, limit, _array)


def _each(
    file: BinaryIO, names: Iterable[str], limit: int, read: Callable[[BinaryIO, int], _Result]
) -> dict[str, _Result]:
    """What ``read`` makes of each member with one of these names and of its size."""
    with _opened(file) as archive:
        members = {member.filename: member for member in archive.infolist()}
        wanted = {name: members[f"{name}.npy"] for name in names if f"{name}.npy" in members}
        if sum(member.file_size for member in wanted.values()) > limit:
            raise ArchiveError(f"its arrays are larger than {limit // 2**20} MiB")
        try:
            return {name: _read_one(archive, member, read) for name, member in wanted.items()}
        except ArchiveError:
            raise
        except Exception as error:  # zipfile, zlib and NumPy raise nearly anything on damaged files
            raise ArchiveError(f"the archive is damaged ({error})") from error


def _read_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, read: Callable[[BinaryIO, int], _Result]) -> _Result:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError("it is compressed in a way that NumPy does not use")
    with archive.open(member) as file:
        return read(cast(BinaryIO, file), member.file_size)


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        _check_directory(file)
        return zipfile.ZipFile(file)
    except Exception as error:  # zipfile raises nearly anything on damaged files
        raise ArchiveError(f"the archive is damaged ({error})") from error


def _check_directory(file: BinaryIO) -> None:
    """Refuses a directory of millions of members, which zipfile would read whole."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 42))
    end = file.read(42)
    if len(end) < 22 or end[-22:-18] != _DIRECTORY_END or end[:4] == _ZIP64_LOCATOR:
        raise ArchiveError("it does not end as an archive of arrays does")
    members = int.from_bytes(end[-12:-10], "little")
    if members > MOST_MEMBERS or int.from_bytes(end[-10:-6], "little") > 2**20:
        raise ArchiveError(f"it holds more than {MOST_MEMBERS} members")


def _header(file: BinaryIO, size: int) -> Header:
    """The header of the array in a member of ``size`` bytes; what follows is its numbers."""
    begin = file.read(len(_VERSION_1) + 2)
    if not begin.startswith(np.lib.format.MAGIC_PREFIX):
        return _NO_ARRAY
    if not begin.startswith(_VERSION_1):
        raise ArchiveError("it is of another version than arrays of numbers need")
    length = int.from_bytes(begin[-2:], "little")
    if length > LONGEST_HEADER:
        raise ArchiveError("an array in it has a header that is too long")
    header = _parsed(file.read(length).decode("latin1"))
    if header.dtype.hasobject:
        raise ArchiveError("it holds Python objects")
    if prod(header.shape) * header.dtype.itemsize + len(begin) + length != size:
        raise ArchiveError("an array in it is cut short")
    return header


def _parsed(text: str) -> Header:
    """Reads the header of an array of numbers: a Python dictionary, as NumPy writes it in format 1.0.

    NumPy itself evaluates it with ``ast``. In Python 3.11.0 to 3.11.7 two threads that do so at once can get a
    SystemError, and a sound archive would be called damaged.
    """
    fields = {field.lastgroup: field[field.lastgroup or 0] for field in _FIELD.finditer(text)}
    if fields.keys() != set(_FIELD.groupindex) or set(_FIELD.sub("", text)) - set("{}, \n"):
        raise ArchiveError("an array in it has a header that NumPy does not write for numbers")
    shape = tuple(int(size) for size in fields["shape"].split(",") if size.strip())
    return Header(np.dtype(fields["descr"]), shape, fields["fortran_order"] == "True")


def _array(file: BinaryIO, size: int) -> np.ndarray:
    header = _header(file, size)
    if header is _NO_ARRAY:
        return np.zeros((), header.dtype)
    data, begin = bytearray(prod(header.shape) * header.dtype.itemsize), 0
    # In pieces, which take no memory for a second copy, and to the end, where zipfile compares the checksum.
    while count := file.readinto(memoryview(data)[begin : begin + _PIECE]):  # type: ignore[attr-defined]
        begin += count
    if begin != len(data):
        raise ArchiveError("an array in it is cut short")
    values = np.frombuffer(data, header.dtype).reshape(header.shape, order="F" if header.is_fortran else "C")
    return values.astype(header.dtype.newbyteorder("="), copy=False)  # in this machine's order
