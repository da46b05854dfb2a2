"""The bill of materials names what is installed, and nothing else."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tools import sbom

ROOT = Path(__file__).resolve().parents[2]
BILL = sbom.bill([ROOT / "requirements.txt"])
NAMES = {component["name"]: component for component in BILL["components"]}


def test_every_requirement_is_a_component_with_the_installed_version():
    for wanted in sbom.required_by([ROOT / "requirements.txt"]):
        component = NAMES[sbom.normal(wanted.name)]
        assert component["version"] == version(wanted.name) and component["version"] in wanted.specifier
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"


def test_what_requirements_need_is_there_and_tests_are_not():
    assert {"sympy", "numba", "tornado", "uvicorn"} & NAMES.keys() >= {"sympy", "numba"}
    assert not {"pytest", "ruff", "pip"} & NAMES.keys()
    assert all(version(name) == component["version"] for name, component in NAMES.items())


def test_dependencies_point_to_components():
    known = {component["bom-ref"] for component in BILL["components"]}
    first, *rest = BILL["dependencies"]
    assert first["ref"] == BILL["metadata"]["component"]["bom-ref"] and len(first["dependsOn"]) == len(
        list(sbom.required_by([ROOT / "requirements.txt"]))
    )
    assert {entry["ref"] for entry in rest} == known and len(rest) == len(known)
    assert all(set(entry["dependsOn"]) <= known for entry in BILL["dependencies"])


def test_the_form_is_that_of_cyclonedx():
    assert (BILL["bomFormat"], BILL["specVersion"], BILL["version"]) == ("CycloneDX", "1.5", 1)
    for component in BILL["components"]:
        assert component["type"] == "library"
        assert all(one.keys() in ({"expression"}, {"license"}) for one in component["licenses"])
    assert sum(bool(component["licenses"]) for component in BILL["components"]) > 0.9 * len(BILL["components"])


def test_the_command_prints_it_the_same_each_time():
    command = [sys.executable, str(ROOT / "tools" / "sbom.py")]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second and json.loads(first) == BILL


def test_a_requirement_that_is_not_installed_is_an_error(tmp_path):
    (tmp_path / "requirements.txt").write_text("no-such-package-of-ours>=1  # not installed\n")
    with pytest.raises(PackageNotFoundError):
        sbom.bill([tmp_path / "requirements.txt"])
