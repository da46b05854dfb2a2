"""How the software is cited: the files agree, and the paper says what was measured."""

import json
import re
import tomllib
from pathlib import Path

import yaml

import ibinn_core as ib

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "paper" / "paper.md").read_text("utf-8")
REFERENCES = (ROOT / "paper" / "paper.bib").read_text("utf-8")


def test_both_and_the_package_say_the_same():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert citation["version"] == zenodo["version"] == project["version"]
    assert citation["license"] == zenodo["license"] == project["license"]
    assert citation["keywords"] == zenodo["keywords"] == project["keywords"]
    assert citation["title"] == zenodo["title"] and citation["abstract"] == zenodo["description"]
    assert project["description"] == citation["abstract"].removesuffix(".")
    authors = [one["name"] for one in citation["authors"]]
    assert authors == [one["name"] for one in zenodo["creators"]] == [one["name"] for one in project["authors"]]
    assert authors == [one["name"] for one in yaml.safe_load(TEXT.split("---")[1])["authors"]]


def test_every_reference_is_cited_and_every_citation_is_a_reference():
    cited = set(re.findall(r"@(\w+)", TEXT.split("---", 2)[2]))
    assert cited == set(re.findall(r"^@\w+\{(\w+),", REFERENCES, re.M))


def test_it_says_what_was_measured():
    cards = {one.id: one.card for one in ib.checkpoints()}
    assert f"comes with {len(cards)} trained models" in TEXT
    of = [cards[f"gamma-{gamma}"] for gamma in ("0.02", "1", "35.65")]
    errors = [f"{card['error']:.1%}".replace("%", " %") for card in of]
    bits = [f"{card['bits_per_dim']['mean']:.2f}" for card in of]
    words = " ".join(TEXT.split())
    assert f"falls from {errors[0]} at $\\gamma = 0.02$ over {errors[1]} at $\\gamma = 1$ to {errors[2]} at" in words
    assert f"rise from {bits[0]} over {bits[1]} to {bits[2]}" in words
