"""Arrays from an archive: only the requested ones, within limits."""

import ast
import io
import struct
import zipfile

import numpy as np
import pytest

from ibinn_core.archives import MAX_MEMBERS, ArchiveError, read_arrays

ARRAYS = {
    "whole": np.arange(6, dtype=np.int64).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big-endian": np.arange(3, dtype=">f4"),
    "number": np.float32(7),
    "empty": np.zeros((0, 3), np.float16),
}


def archive(save=np.savez_compressed, **arrays) -> io.BytesIO:
    file = io.BytesIO()
    save(file, **arrays)
    return file


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back(save):
    found = read_arrays(archive(save, **ARRAYS), [*ARRAYS, "absent"], 2**20)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype.isnative and found[name].flags.writeable


@pytest.mark.slow
def test_what_nobody_asked_for_is_not_expanded(monkeypatch):
    file = archive(bomb=np.zeros(2**28, np.uint8), small=np.arange(3))  # 256 MiB in 260 kB
    opened = []

    def noted(archive, member, *arguments):
        opened.append(member.filename)
        return open_member(archive, member, *arguments)

    open_member = zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    assert read_arrays(file, ["small"], 2**20)["small"].tolist() == [0, 1, 2]
    assert opened == ["small.npy"]


def test_what_expands_beyond_the_limit_is_refused_before_it_is_expanded():
    file = archive(one=np.zeros(2**20, np.uint8), two=np.zeros(2**20, np.uint8))
    assert read_arrays(file, ["one"], 2**20 + 200).keys() == {"one"}
    with pytest.raises(ArchiveError, match="larger than 1 MiB"):
        read_arrays(file, ["one", "two"], 2**20 + 200)


def test_a_directory_of_thousands_of_members_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for number in range(MAX_MEMBERS + 1):
            written.writestr(f"{number}.npy", "")
    with pytest.raises(ArchiveError, match="more than 100 members"):
        read_arrays(file, ["0"], 2**20)


def with_header(text: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("a.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text)
    return file


@pytest.mark.parametrize(
    "text",
    [
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3), }          \n",
        b"{'descr':'|u1', 'fortran_order':False, 'shape':(0,3,)}\n",
    ],
)
def test_a_header_may_have_any_spaces(text):
    found = read_arrays(with_header(text), ["a"], 2**20)["a"]
    assert found.dtype == np.uint8 and found.shape == (0, 3)


def test_no_header_is_evaluated(monkeypatch):
    """Up to Python 3.11.7 ``ast`` fails by chance when two threads call it at once."""

    def fail(text):
        raise SystemError("AST constructor recursion depth mismatch (before=183, after=57)")

    file = archive(**ARRAYS)
    monkeypatch.setattr(ast, "literal_eval", fail)
    assert read_arrays(file, ARRAYS, 2**20).keys() == ARRAYS.keys()


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(),
        io.BytesIO(b"PK" * 50),
        with_header(b"hello"),
        with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (1152921504606846976,)}\n"),
        with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}\n"),
        with_header(b"{'descr': '|O', 'fortran_order': False, 'shape': (0,)}\n"),
        with_header(b"__import__('os').system('echo')\n"),
        with_header(b"(" * 9000),
        with_header(b"{'descr': '|u1'}\n" + b" " * 20000),
        with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (0 0,)}\n"),
        with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (0,)} + {}\n"),
        with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': True}\n"),
        with_header(b"{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (0,)}\n"),
        with_header(b"{'descr': 'z9', 'fortran_order': False, 'shape': (0,)}\n"),
        io.BytesIO(archive(a=np.arange(1000)).getvalue()[:-30]),
    ],
)
def test_a_damaged_archive_is_one_error(file):
    with pytest.raises(ArchiveError):
        read_arrays(file, ["a"], 2**30)


def test_a_flipped_bit_among_the_numbers_is_told_by_the_checksum():
    data = bytearray(archive(np.savez, a=np.arange(4000.0)).getvalue())
    data[20000] ^= 1
    with pytest.raises(ArchiveError, match="damaged"):
        read_arrays(io.BytesIO(data), ["a"], 2**20)
