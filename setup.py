"""What a wheel holds beside its packages, and what it needs; all else about it stands in pyproject.toml.

It holds the app, its front end and the digits' family.
They go into the package ``ibinn_explorer``: a top-level package ``app`` or a folder ``checkpoints`` would be in the way
of other projects'. What a clone fetches (``python tools/vendor.py``) comes along where it is.
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
#: Where to look below the root, and what is wanted; a star stands for slashes too.
TOPS = ("app", "checkpoints", "docs")
WANTED = (
    "app/*",
    "checkpoints/mnist[.-]*",
    *(f"docs/{name}.json" for name in ("table1", "curves", "table2", "curves2")),
)
#: What a server or a browser makes, and what only a developer needs. Plotly comes out of the package plotly.
LEFT_OUT = ("*/__pycache__", "*/vendor/.*", "*/vendor/*/.*", "*/vendor/plotly.min.js", "*/jsconfig.json")
LEFT_OUT += ("*/vendor/families", "*/vendor/modules*", "*/vendor/pictures")
#: One file of each group in tools/vendor.json, by what does not work without it.
FETCHED = {
    "nothing that moves can be saved as a GIF": "app/static/vendor/gifenc.js",
    "no model computes in a browser": "app/static/vendor/ort/ort.wasm.min.mjs",
}
#: Extras by what they bring out of requirements.txt, which not everybody needs; docs/install.md says for what.
EXTRAS = {
    "umap": ("umap-learn",),
    "datasets": ("torchvision",),
    "training": ("distributed",),
}
#: Extras by the file that lists them.
LISTED = {"onnx": "requirements-onnx.txt", "notebook": "requirements-notebook.txt", "test": "requirements-test.txt"}
EVERYTHING = "requirements.txt"  # of the library and the app, what ``make`` installs in a clone


def required(name: str) -> list[str]:
    """The lines of a requirements file that ask for something."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return [line for line in lines if line]


def needs() -> tuple[list[str], dict[str, list[str]]]:
    """What everybody needs, and what each extra brings; ``all`` brings whatever the library and the app can use."""
    every = required(EVERYTHING)
    extras = {name: [r for r in every if NAME.split(r)[0] in wanted] for name, wanted in EXTRAS.items()}
    optional = [one for brought in extras.values() for one in brought]
    extras |= {name: required(file) for name, file in LISTED.items()}
    extras |= {"all": optional + extras["onnx"] + extras["notebook"], "test": extras["test"] + optional}
    return [one for one in every if one not in optional], extras


def description() -> str:
    """README.md as PyPI shows it, where its relative links would lead nowhere."""
    return absolute((ROOT / "README.md").read_text("utf-8"), *published())


def published() -> tuple[str, str]:
    """The address of the repository, and the tag or branch that is built; empty but in a workflow of GitHub's."""
    server, name = (os.environ.get(f"GITHUB_{one}", "") for one in ("SERVER_URL", "REPOSITORY"))
    return (f"{server}/{name}", os.environ.get("GITHUB_REF_NAME", "main")) if server and name else ("", "")


def absolute(text: str, repository: str, ref: str) -> str:
    """Markdown with its links to files of the repository as addresses of GitHub.

    Arguments:
        text: the Markdown. Links to a heading of it stay.
        repository: address of the repository; if empty, nothing is changed.
        ref: tag or branch.
    """
    if not repository:
        return text

    def address(found: re.Match) -> str:
        kind = "raw" if found[1] == "!" else "blob"  # a picture itself, or the page about a file
        return f"{found[1]}[{found[2]}]({repository}/{kind}/{ref}/{found[3]})"

    return LINK.sub(address, text)


def shipped() -> list[str]:
    """The paths below the root of the files that a wheel has beside its Python packages, in order."""
    found: list[str] = []
    for top in TOPS:
        for place, folders, names in os.walk(ROOT / top):
            inside = Path(place).relative_to(ROOT).as_posix()
            folders[:] = [name for name in folders if is_wanted(f"{inside}/{name}")]  # others come and go meanwhile
            found += [path for path in (f"{inside}/{name}" for name in names) if is_wanted(path)]
    return sorted(found)


def is_wanted(path: str) -> bool:
    """Whether a file or folder below the root comes along."""
    return any(fnmatchcase(path, p) for p in WANTED) and not any(fnmatchcase(path, p) for p in LEFT_OUT)


class BuildWithApp(build_py):
    """Copies these files too, and takes none from an earlier build."""

    def run(self) -> None:
        """Builds the packages, then adds the files."""
        if self.editable_mode:  # a clone, which has them
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
                self.warn(f"{name} is not here, without which {lack}: fetch it by python tools/vendor.py")

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Where all files of the build lie."""
        return [*super().get_outputs(include_bytecode), *(str(Path(self.build_lib, PACKAGE, n)) for n in shipped())]

    def get_source_files(self) -> list[str]:
        """The files of a source distribution, from which a wheel can be built too."""
        return [*super().get_source_files(), *shipped(), "README.md", EVERYTHING, *LISTED.values()]


if __name__ == "__main__":  # else a test looks at it
    install, extras = needs()
    setup(
        cmdclass={"build_py": BuildWithApp},
        install_requires=install,
        extras_require=extras,
        long_description=description(),
        long_description_content_type="text/markdown",
    )
