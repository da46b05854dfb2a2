"""The files and requirements of a wheel; pyproject.toml describes the rest of the wheel.

A wheel holds the packages, the app, its front end, the models of the digits and the numbers of the paper's tables.
All except packages go into the package ``ibinn_explorer``, since a top-level package ``app`` or folder ``checkpoints``
could clash with other projects. The wheel also holds the files that ``python tools/vendor.py`` has downloaded.
"""

import os
import re
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PACKAGE = "ibinn_explorer"
NAME = re.compile(r"[<>=!~;\[ ]")  # where the name of a requirement ends
#: A link or picture that leads to a file beside the text.
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\((?!\w+:|[#/])([^()\s]+)\)")
#: The folders to search, and patterns of the wanted files; a star also matches slashes.
TOPS = ("app", "checkpoints", "docs")
WANTED = (
    "app/*",
    "checkpoints/mnist[.-]*",
    *(f"docs/{name}.json" for name in ("table1", "curves", "table2", "curves2")),
)
#: Files that a running app creates, and files that only developers need. The Python package plotly has plotly.min.js.
LEFT_OUT = ("*/__pycache__", "*/vendor/.*", "*/vendor/*/.*", "*/vendor/plotly.min.js", "*/jsconfig.json")
LEFT_OUT += ("*/vendor/families", "*/vendor/modules*", "*/vendor/pictures")
#: For each group of tools/vendor.json: the consequence if it is missing, and one of its files.
FETCHED = {
    "no animation can be saved as a GIF": "app/static/vendor/gifenc.js",
    "no model can run in the browser": "app/static/vendor/ort/ort.wasm.min.mjs",
}
#: Packages of requirements.txt that are optional, by extra; docs/install.md says what they are for.
EXTRAS = {
    "umap": ("umap-learn",),
    "datasets": ("torchvision",),
    "training": ("distributed",),
}
#: The requirements files of the other extras.
LISTED = {"onnx": "requirements-onnx.txt", "notebook": "requirements-notebook.txt", "test": "requirements-test.txt"}
EVERYTHING = "requirements.txt"  # for library and app; ``make`` installs them in a clone


def required(name: str) -> list[str]:
    """Returns the requirements in a file, without comments and empty lines."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return [line for line in lines if line]


def needs() -> tuple[list[str], dict[str, list[str]]]:
    """Returns the packages that every installation needs, and those of each extra. ``all`` leaves out ``test``."""
    every = required(EVERYTHING)
    extras = {name: [r for r in every if NAME.split(r)[0] in wanted] for name, wanted in EXTRAS.items()}
    optional = [one for brought in extras.values() for one in brought]
    extras |= {name: required(file) for name, file in LISTED.items()}
    extras |= {"all": optional + extras["onnx"] + extras["notebook"], "test": extras["test"] + optional}
    return [one for one in every if one not in optional], extras


def description() -> str:
    """Returns README.md for PyPI, where relative links would lead nowhere."""
    return absolute((ROOT / "README.md").read_text("utf-8"), *published())


def published() -> tuple[str, str]:
    """Returns the repository's address and the built tag or branch; both are empty outside of a GitHub workflow."""
    server, name = (os.environ.get(f"GITHUB_{one}", "") for one in ("SERVER_URL", "REPOSITORY"))
    return (f"{server}/{name}", os.environ.get("GITHUB_REF_NAME", "main")) if server and name else ("", "")


def absolute(text: str, repository: str, ref: str) -> str:
    """Replaces links to files of the repository by addresses on GitHub.

    Arguments:
        text: the Markdown. Links to headings of the same text stay unchanged.
        repository: address of the repository; if empty, nothing is changed.
        ref: tag or branch.
    """
    if not repository:
        return text

    def address(found: re.Match) -> str:
        kind = "raw" if found[1] == "!" else "blob"  # a picture itself, or the page that shows a file
        return f"{found[1]}[{found[2]}]({repository}/{kind}/{ref}/{found[3]})"

    return LINK.sub(address, text)


def shipped() -> list[str]:
    """Returns the sorted paths of the files that a wheel has besides its Python packages."""
    found: list[str] = []
    for top in TOPS:
        for place, folders, names in os.walk(ROOT / top):
            inside = Path(place).relative_to(ROOT).as_posix()
            folders[:] = [name for name in folders if is_wanted(f"{inside}/{name}")]  # the others may change meanwhile
            found += [path for path in (f"{inside}/{name}" for name in names) if is_wanted(path)]
    return sorted(found)


def is_wanted(path: str) -> bool:
    """Checks whether the wheel includes a file or folder."""
    return any(fnmatchcase(path, p) for p in WANTED) and not any(fnmatchcase(path, p) for p in LEFT_OUT)


class BuildWithApp(build_py):
    """Builds the packages with the app and the models, without files of an earlier build."""

    def run(self) -> None:
        """Builds the packages, then adds the files."""
        if self.editable_mode:  # the clone already has the files
            super().run()
            return
        for package in {name.partition(".")[0] for name in self.packages}:
            shutil.rmtree(Path(self.build_lib, package), ignore_errors=True)
        super().run()
        for name in shipped():
            target = Path(self.build_lib, PACKAGE, name)
            self.mkpath(str(target.parent))
            self.copy_file(str(ROOT / name), str(target))
        for lack, name in FETCHED.items():
            if not (ROOT / name).is_file():
                self.warn(f"{name} is missing, so {lack}: download it with python tools/vendor.py")

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Returns the paths of all built files."""
        return [*super().get_outputs(include_bytecode), *(str(Path(self.build_lib, PACKAGE, n)) for n in shipped())]

    def get_source_files(self) -> list[str]:
        """Returns the files of a source distribution, which suffice to build a wheel."""
        return [*super().get_source_files(), *shipped(), "README.md", EVERYTHING, *LISTED.values()]


if __name__ == "__main__":  # a test imports this file
    install, extras = needs()
    setup(
        cmdclass={"build_py": BuildWithApp},
        install_requires=install,
        extras_require=extras,
        long_description=description(),
        long_description_content_type="text/markdown",
    )
