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


def members(**contents: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name, content in contents.items():
            written.writestr(f"{name}.npy", content)
    return file


def with_header(text: bytes) -> io.BytesIO:
    return members(a=b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back(save, monkeypatch):
    def fail(text):
        raise SystemError("AST constructor recursion depth mismatch (before=183, after=57)")

    file = archive(save, **ARRAYS)
    monkeypatch.setattr(ast, "literal_eval", fail)  # which fails by chance up to Python 3.11.7, in two threads
    found = read_arrays(file, [*ARRAYS, "absent"], 2**20)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype.isnative and found[name].flags.writeable


def test_what_nobody_asked_for_is_not_expanded(monkeypatch):
    file = archive(bomb=np.zeros(2**20, np.uint8), small=np.arange(3))
    opened = []

    def noted(archive, member, *arguments):
        opened.append(member.filename)
        return open_member(archive, member, *arguments)

    open_member = zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", noted)
    assert read_arrays(file, ["small"], 2**10)["small"].tolist() == [0, 1, 2]
    assert opened == ["small.npy"]


def test_what_expands_beyond_the_limit_is_refused_before_it_is_expanded():
    file = archive(one=np.zeros(2**20, np.uint8), two=np.zeros(2**20, np.uint8))
    assert read_arrays(file, ["one"], 2**20 + 200).keys() == {"one"}
    with pytest.raises(ArchiveError, match="larger than 1 MiB"):
        read_arrays(file, ["one", "two"], 2**20 + 200)


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


FLIPPED = bytearray(archive(np.savez, a=np.arange(4000.0)).getvalue())
FLIPPED[20000] ^= 1
LZMA = io.BytesIO()
with zipfile.ZipFile(LZMA, "w", zipfile.ZIP_LZMA) as written:
    written.writestr("a.npy", b"")
REFUSED = [
    (io.BytesIO(), "its end is not that of an archive"),
    (io.BytesIO(archive(a=np.arange(1000)).getvalue()[:-30]), "its end is not that of an archive"),
    (io.BytesIO(FLIPPED), "cannot be read"),
    (LZMA, "its compression is not supported"),
    (members(**{f"n{number}": b"" for number in range(MAX_MEMBERS + 1)}), "more than 100 members"),
    (with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': (1152921504606846976,)}\n"), "cut short"),
    (with_header(b"{'descr': '|O', 'fortran_order': False, 'shape': (0,)}\n"), "holds Python objects"),
    (with_header(b"{'descr': 'z9', 'fortran_order': False, 'shape': (0,)}\n"), "cannot be read"),
    *(
        (with_header(text), "other than arrays of numbers")
        for text in (
            *(b"hello", b"__import__('os').system('echo')\n", b"(" * 9000, b"{'descr': '|u1'}\n" + b" " * 20000),
            b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}\n",
            b"{'descr': '|u1', 'fortran_order': False, 'shape': (0 0,)}\n",
            b"{'descr': '|u1', 'fortran_order': False, 'shape': (0,)} + {}\n",
            b"{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (0,)}\n",
        )
    ),
]


@pytest.mark.parametrize("file, part", REFUSED)
def test_a_damaged_or_foreign_archive_is_one_error(file, part):
    with pytest.raises(ArchiveError, match=part):
        read_arrays(file, ["a"] + ["n0"], 2**30)
