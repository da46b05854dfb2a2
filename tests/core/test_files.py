"""Files are written whole or not at all; tests/core/checkpoint has the same of whole folders."""

import json
import math

import pytest

from ibinn_core.files import write_json


def test_json_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "card.json"
    write_json(file, {"error": 0.5})
    with pytest.raises(ValueError):
        write_json(file, {"error": math.nan})
    assert json.loads(file.read_text()) == {"error": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
