"""The description of each data set, before an image is read."""

from dataclasses import replace

import pytest

from ibinn_core import data
from ibinn_core.data.copies import name_of


@pytest.mark.parametrize("name", data.DATASETS)
def test_every_data_set_is_described_wholly(name):
    found = data.describe(name)
    channels, height, width = found.image_shape
    assert found is data.DATASETS[name] and found.name == name_of(name) == name
    assert len(found.mean) == len(found.std) == channels and all(0 < value < 1 for value in found.mean + found.std)
    assert found.num_classes == len(set(found.classes)) == len(found.classes)
    assert found.dims == channels * height * width and found.fingerprint is None
    assert data.CLASSES[name] == found.classes


def test_the_sample_is_of_cifar10():
    assert data.describe("sample") is data.DATASETS["cifar10"]


def test_only_the_papers_data_set_has_ids_without_a_prefix():
    for name, found in data.DATASETS.items():
        assert found.id_prefix == ("" if name == "cifar10" else f"{name}-")


def test_superclasses_share_the_classes_of_cifar100_out():
    found = data.describe("cifar100")
    assert len(found.superclasses) == 20 and {len(names) for names in found.superclasses.values()} == {5}
    assert sorted(name for names in found.superclasses.values() for name in names) == list(found.classes)
    assert not data.describe("cifar10").superclasses


def test_descriptions_can_be_compared_and_kept_in_sets():
    digits, photographs = data.describe("mnist"), data.describe("cifar100")
    assert len({digits, photographs, replace(digits), replace(photographs)}) == 2
    assert replace(digits, fingerprint="0" * 16) != digits


@pytest.mark.parametrize(
    "path, name",
    [
        ("/a/My Pictures", "my-pictures"),
        ("My Pictures/", "my-pictures"),
        ("Äpfel & Birnen_2", "apfel-birnen-2"),
        ("--", ""),
        ("日本", ""),
    ],
)
def test_the_name_of_a_folder_is_fit_for_files_and_commands(path, name):
    assert name_of(path) == name
