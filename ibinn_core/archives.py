"""The one reader of archives of strangers: members of a ``.zip``, and arrays of an ``.npz``, within limits.

Python and NumPy expand whatever an archive holds. Here members that nobody asked for are left alone, no member's name
becomes a path, the sizes of those wanted are added up before one is expanded, and nothing is unpickled.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import BinaryIO, TypeVar

import numpy as np

MOST_MEMBERS = 100
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


_Result = TypeVar("_Result")


def read_members(
    file: BinaryIO, names: Iterable[str], limit: int, parse: Callable[[bytearray], _Result]
) -> dict[str, _Result]:
    """What ``parse`` makes of the members of a zip archive with these names, if it has them.

    Arguments:
        file: that can be sought.
        names: of members.
        limit: bytes that these members may expand to, all together.
        parse: makes a result of the bytes of a member, which agree with the archive's checksum.

    Raises:
        ArchiveError: if the archive is damaged, too large, or compressed by another method than deflate.
    """
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            members = {member.filename: member for member in archive.infolist()}
            wanted = [members[name] for name in names if name in members]
            if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in wanted):
                raise ArchiveError("it is compressed in a way that is not used here")
            if sum(member.file_size for member in wanted) > limit:
                raise ArchiveError(f"its members are larger than {limit // 2**20} MiB")
            return {member.filename: parse(_read(archive, member)) for member in wanted}
    except ArchiveError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise nearly anything on damaged files
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


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytearray:
    """A member, read in pieces, which take no memory for a second copy."""
    data, done = bytearray(member.file_size), 0
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            data[done : done + len(piece)] = piece
            done += len(piece)
    if done != member.file_size:
        raise ArchiveError("a member of it is cut short")
    return data


def read_arrays(file: BinaryIO, names: Iterable[str], limit: int) -> dict[str, np.ndarray]:
    """The arrays with these names in an ``.npz``; what is no array of numbers has a type of the kind V.

    Arguments are those of :func:`read_members`. Raises an ArchiveError as it does, and for Python objects.
    """
    arrays = read_members(file, [f"{name}.npy" for name in names], limit, _array)
    return {name.removesuffix(".npy"): array for name, array in arrays.items()}


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """What an ``.npz`` with these arrays holds, compressed."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]  # no array has the name of an option
    return file.getvalue()


def _array(data: bytearray) -> np.ndarray:
    """The array of numbers in a member, as NumPy writes it in format 1.0.

    NumPy itself evaluates the header with ``ast``, which may fail in two threads at once up to Python 3.11.7.
    """
    if not data.startswith(_VERSION_1):
        return np.zeros((), "V")
    begin = len(_VERSION_1) + 2
    start = begin + int.from_bytes(data[begin - 2 : begin], "little")
    text = data[begin:start].decode("latin1")
    fields = {field.lastgroup: field[field.lastgroup or 0] for field in _FIELD.finditer(text)}
    if fields.keys() != set(_FIELD.groupindex) or set(_FIELD.sub("", text)) - set("{}, \n"):
        raise ArchiveError("an array in it has a header that NumPy does not write for numbers")
    dtype, shape = np.dtype(fields["descr"]), [int(size) for size in fields["shape"].split(",") if size.strip()]
    if dtype.hasobject:
        raise ArchiveError("it holds Python objects")
    if prod(shape) * dtype.itemsize != len(data) - start:
        raise ArchiveError("an array in it is cut short")
    values = np.frombuffer(data, dtype, offset=start)
    values = values.reshape(shape, order="F" if fields["fortran_order"] == "True" else "C")
    return values.astype(dtype.newbyteorder("="), copy=False)  # in this machine's order
