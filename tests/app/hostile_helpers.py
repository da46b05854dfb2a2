"""Checkpoints of an attacker: names that are links, images and tags."""

import dataclasses
import json
import shutil
from pathlib import Path

from checkpoint_helpers import renew_manifest

from ibinn_core.checkpoint import write_manifest
from ibinn_core.data import DATASETS
from tests.app.family_helpers import DIGITS, SHAPES, build_family

HOST = "evil.test"
CLASSES = (
    f"![x](http://{HOST}/image.png)",
    f"[click to repair](http://{HOST}/)",
    f'<a href="http://{HOST}/">click to repair</a>',
    f"<img src=http://{HOST}/tag.png>",
    f"http://{HOST}/bare",
    f"www.{HOST}",
    f"me@{HOST}",
    f"`x` | **y** $z$ %{{x}} <span style='fill:url(http://{HOST}/style)'>s</span>",
    f"](http://{HOST}/) [x][y] <http://{HOST}/angle>",
    f"# h &lt;a href=http://{HOST}/entity&gt; :red[r] \\",
)
TITLE = f"![t](http://{HOST}/title.png) [click](http://{HOST}/)"
REFUSED = f"[click to repair](www.{HOST}) <img src=x>"


def build_hostile(folder: Path, monkeypatch) -> None:
    """A stranger's own data set, CIFAR-10 and MNIST as a stranger calls their classes, and a folder that is refused."""
    for dataset in (dataclasses.replace(SHAPES, image_shape=(3, 8, 8)), DATASETS["cifar10"], DIGITS):
        named = dataclasses.replace(dataset, title=TITLE, classes=CLASSES)
        build_family(folder, named, monkeypatch)
    # Two models of one name, so that pages tell them apart by their ids; one of them began as another.
    twin = folder / f"my-shapes-[click to repair](www.{HOST})"
    shutil.copytree(folder / "my-shapes-gamma-1", twin)
    config = json.loads((twin / "config.json").read_text())
    config["training"]["objective"]["gamma"] = "inf"
    config["ancestry"] = [{"checkpoint": f"[click](http://{HOST}/)"}]
    shutil.copytree(twin, twin.with_name(f"my-shapes-<a href='x'>{HOST}"))
    for one in (twin, twin.with_name(f"my-shapes-<a href='x'>{HOST}")):
        (one / "config.json").write_text(json.dumps(config))
        renew_manifest(one)
    (folder / REFUSED).mkdir()
    (folder / REFUSED / "weights.safetensors").touch()
    (folder / REFUSED / "config.json").write_text(json.dumps({"format": f"![x](http://{HOST}/reason.png)"}))
    write_manifest(folder / REFUSED)
