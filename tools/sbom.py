"""What the app and the library are made of, as CycloneDX JSON: python tools/sbom.py [REQUIREMENTS.txt ...] >sbom.json.

Tells the packages that are installed here and that the requirements files name, those that these need, and so on; each
with its version, licence and address in the package index. Equal environments give equal bytes.
"""

import json
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def normal(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required_by(files: list[Path]) -> list[Requirement]:
    """What requirements files ask for."""
    lines = (line.partition("#")[0].strip() for file in files for line in file.read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def needs_of(found: Distribution, extras: set[str]) -> list[Requirement]:
    """What an installed package needs on this machine, with its extras."""
    every = map(Requirement, found.requires or ())
    wanted = extras or {""}
    return [one for one in every if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in wanted)]


def installed(requirements: list[Requirement]) -> dict[str, tuple[Distribution, set[str]]]:
    """The packages that are needed, by their normal names, each with the names of those that it needs itself.

    Raises:
        PackageNotFoundError: One that a requirements file names is not installed.
    """
    result: dict[str, tuple[Distribution, set[str]]] = {}
    waiting = [(one, True) for one in requirements]
    while waiting:
        wanted, is_named = waiting.pop()
        name = normal(wanted.name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            if is_named:
                raise
            continue  # for another platform
        needs = needs_of(found, wanted.extras)
        before = result.get(name)
        names = {normal(one.name) for one in needs}
        if before is None or not names <= before[1]:
            result[name] = found, names | (before[1] if before else set())
            waiting += [(one, False) for one in needs]
    return result


def licence_of(found: Distribution) -> list[dict]:
    """The licence as the package states it: an SPDX expression, or else its name."""
    told = found.metadata
    if told.get("License-Expression"):
        return [{"expression": told["License-Expression"]}]
    classified = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License :: ")]
    names = classified or [line for line in (told.get("License") or "").splitlines()[:1] if line.strip()]
    return [{"license": {"name": name.strip()}} for name in names]


def reference(found: Distribution) -> str:
    """The package's address in the index."""
    return f"pkg:pypi/{normal(found.name)}@{found.version}"


def bill(files: list[Path]) -> dict:
    """The bill of materials, as CycloneDX 1.5 has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = required_by(files)
    packages = installed(requirements)
    root = f"pkg:pypi/{project['name']}@{project['version']}"
    component = {"type": "application", "name": project["name"], "version": project["version"], "bom-ref": root}
    named = sorted({reference(packages[normal(one.name)][0]) for one in requirements})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**component, "licenses": [{"expression": project["license"]}]}},
        "components": [
            {
                "type": "library",
                "name": name,
                "version": found.version,
                "purl": reference(found),
                "bom-ref": reference(found),
                "licenses": licence_of(found),
            }
            for name, (found, _) in sorted(packages.items())
        ],
        "dependencies": [
            {"ref": root, "dependsOn": named},
            *(
                {
                    "ref": reference(found),
                    "dependsOn": sorted(reference(packages[one][0]) for one in needs if one in packages),
                }
                for _, (found, needs) in sorted(packages.items())
            ),
        ],
    }


if __name__ == "__main__":
    asked = [Path(name) for name in sys.argv[1:]] or [ROOT / "requirements.txt"]
    print(json.dumps(bill(asked), indent=2, ensure_ascii=False))
