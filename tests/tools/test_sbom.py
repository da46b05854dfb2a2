"""The bill of materials names what is installed, and nothing else."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tools import sbom

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bill():
    return sbom.bill([ROOT / "requirements.txt"])


@pytest.fixture
def components(bill):
    """By name."""
    return {component["name"]: component for component in bill["components"]}


def test_every_requirement_is_a_component_with_the_installed_version(components):
    for wanted in sbom.required_by([ROOT / "requirements.txt"]):
        component = components[sbom.normal(wanted.name)]
        assert component["version"] == version(wanted.name) and component["version"] in wanted.specifier
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"


def test_what_requirements_need_is_there_and_tests_are_not(components):
    assert {"sympy", "numba", "tornado", "uvicorn"} & components.keys() >= {"sympy", "numba"}
    assert not {"pytest", "ruff", "pip"} & components.keys()
    assert all(version(name) == component["version"] for name, component in components.items())


def test_dependencies_point_to_components(bill):
    known = {component["bom-ref"] for component in bill["components"]}
    first, *rest = bill["dependencies"]
    assert first["ref"] == bill["metadata"]["component"]["bom-ref"] and len(first["dependsOn"]) == len(
        list(sbom.required_by([ROOT / "requirements.txt"]))
    )
    assert {entry["ref"] for entry in rest} == known and len(rest) == len(known)
    assert all(set(entry["dependsOn"]) <= known for entry in bill["dependencies"])


def test_the_form_is_that_of_cyclonedx(bill):
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.5", 1)
    for component in bill["components"]:
        assert component["type"] == "library"
        assert all(one.keys() in ({"expression"}, {"license"}) for one in component["licenses"])
    assert sum(bool(component["licenses"]) for component in bill["components"]) > 0.9 * len(bill["components"])


@pytest.mark.slow
def test_the_command_prints_it_the_same_each_time(bill):
    command = [sys.executable, str(ROOT / "tools" / "sbom.py")]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second and json.loads(first) == bill


def test_a_requirement_that_is_not_installed_is_an_error(tmp_path):
    (tmp_path / "requirements.txt").write_text("no-such-package-of-ours>=1  # not installed\n")
    with pytest.raises(PackageNotFoundError):
        sbom.bill([tmp_path / "requirements.txt"])
