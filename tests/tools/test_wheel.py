"""The wheel: its contents, and that it works without a clone."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from shared_helpers import shared_folder
from wheel_helpers import ROOT, answer, build_wheel, environment, opened

pytestmark = pytest.mark.slow
EXPLORER = "ibinn_explorer"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the wheel in ``dist/``, and in ``site/`` what it installs."""
    return shared_folder(tmp_path_factory, "wheel", build_wheel)


@pytest.fixture(scope="module")
def names(built) -> set[str]:
    """The files in the wheel."""
    (wheel,) = (built / "dist").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def files(folder: str, pattern: str = "**/*") -> set[str]:
    """The files in a folder of the clone that it does not make itself."""
    found = (file for file in (ROOT / folder).glob(pattern) if file.is_file())
    made = {"__pycache__", "vendor"}
    return {file.relative_to(ROOT).as_posix() for file in found if not made & set(file.relative_to(ROOT).parts)}


def ran(built: Path, home: Path, program: str, *arguments: str, **variables: str) -> str:
    """The output of a program that has the installed wheel, and nothing of the clone."""
    command = [sys.executable, "-c", program, *arguments]
    given = environment(built / "site", home, **variables)
    ended = subprocess.run(command, capture_output=True, text=True, cwd=home, env=given)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """The files in a folder, each with its size and time of change."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def test_it_has_the_library_the_app_and_the_family_of_digits_and_nothing_else(names):
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == {"ibinn_core", EXPLORER}
    assert files("ibinn_core") <= names
    assert {f"{EXPLORER}/{name}" for name in files("app") - {"app/static/jsconfig.json"}} <= names
    digits = {f"{EXPLORER}/{name}" for name in files("checkpoints", "mnist-*/*") | files("checkpoints", "mnist.*")}
    assert {name for name in names if name.startswith(f"{EXPLORER}/checkpoints/")} == digits
    assert {name.rpartition("/")[2] for name in names if "dist-info/licenses/" in name} == {"LICENSE", "NOTICE.md"}


def test_it_has_what_is_fetched_for_browsers_and_nothing_that_is_made_for_them(names):
    groups = json.loads((ROOT / "tools" / "vendor.json").read_text("utf-8"))
    prefix = f"{EXPLORER}/app/static/vendor/"
    for group in (groups["app"], groups["flow"]):
        wanted = {target for package in group["packages"] for target in package["files"].values()}
        fetched = {f"{group['folder']}/{name}" for name in wanted if (ROOT / group["folder"] / name).is_file()}
        assert {f"{EXPLORER}/{name}" for name in fetched} <= names
    inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    assert [name for name in inside if re.match(r"modules|families|pictures|\.|ort/\.|plotly\.", name)] == []
    assert [name for name in names if "__pycache__" in name] == []


MODEL = """
import json
import torch
import ibinn_core as ib
from ibinn_core.checkpoint import folders
from ibinn_core.places import DATA, RESULTS

torch.manual_seed(1)
model = ib.load("mnist-gamma-1")
x = model.sample([3, 8], 0.3)
print(json.dumps({
    "file": ib.__file__,
    "ids": [c.id for c in ib.checkpoints()],
    "error": float((model.decode(model.encode(x)) - x).abs().max()),
    "posterior": ib.family("mnist").at(2.0).posterior(x)[[0, 1], [3, 8]].tolist(),
    "places": [*map(str, folders()), str(DATA), str(RESULTS)],
}))
"""


def test_the_library_finds_the_digits_and_a_model_decodes(built, tmp_path):
    said, site = json.loads(ran(built, tmp_path, MODEL)), built / "site"
    assert Path(said["file"]).is_relative_to(site)
    assert sorted(said["ids"]) == sorted(one.name for one in (ROOT / "checkpoints").glob("mnist-*"))
    assert said["error"] < 1e-3  # of pixels from 0 to 1, in float32
    assert min(said["posterior"]) > 0.5  # a model between two γ takes a 3 and an 8 for what they are
    # New checkpoints and data go where the person may write; what came along is read where it is.
    *places, results = map(Path, said["places"])
    assert places == [tmp_path / "checkpoints", site / EXPLORER / "checkpoints", tmp_path / "data"]
    assert (results / "table1.json").is_file()


PAGES = """
import json, sys
for name in sys.argv[1].split():
    sys.modules[name] = None  # as if it were not installed
from streamlit.testing.v1 import AppTest
from ibinn_explorer.copies import make_importable, root

make_importable()
said = {}
for path in sorted((root() / "app" / "views").glob("*.py")):
    page = AppTest.from_file(str(path), default_timeout=300).run()
    said[path.stem] = [one.message for one in page.exception] + [one.value for one in page.error]
print(json.dumps(said))
"""


def test_every_page_opens_without_the_extras(built, tmp_path):
    without = "umap torchvision distributed onnx onnxscript onnxruntime"
    said = json.loads(ran(built, tmp_path, PAGES, without, IBINN_PROCESSES="0"))
    assert len(said) == len(files("app/views", "*.py")) and said == dict.fromkeys(said, [])


@pytest.mark.skipif(os.name == "nt", reason="pip makes an .exe of the command there")
def test_the_command_serves_the_app_and_writes_nothing_into_the_installed_packages(built, tmp_path):
    before = states(built / "site")
    with opened(built, tmp_path) as address:
        assert answer(f"{address}/_stcore/health") == b"ok"
        (copy,) = tmp_path.glob("app-*")
        script = (copy / "app" / "static" / "flow" / "model.js").read_bytes()
        assert answer(f"{address}/app/static/flow/model.js") == script
    assert states(built / "site") == before
