"""The numbers on attacks in docs/ib-inns.md agree with tools/attacks.py."""

import json

import pytest

from tools import attacks


def test_the_table_of_the_docs_is_a_part_of_that_of_the_file(capsys):
    attacks.print_table(json.loads(attacks.FILE.read_text("utf-8"))["models"])
    printed = capsys.readouterr().out.splitlines()
    page = attacks.FILE.with_name("ib-inns.md").read_text("utf-8").splitlines()
    said = [line for line in page if line.startswith("|") and ("/256" in line or line == printed[0])]
    assert len(said) > 20 and [line for line in said if line not in printed] == []


def test_fewer_images_do_not_replace_an_entry_measured_on_more(tmp_path):
    out = tmp_path / "attacks.json"
    out.write_text(attacks.FILE.read_text("utf-8"), "utf-8")
    with pytest.raises(SystemExit, match="measured on 1000 images"):
        attacks.main(["gamma-1", "--count", "4", "--radius", "1", "--out", str(out)])
    assert out.read_bytes() == attacks.FILE.read_bytes()
