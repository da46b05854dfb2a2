"""Table 1 as HTML."""

import json

from page_helpers import ROOT

from app.results.html import GROUPS as TABLE_PARTS
from app.results.html import table_html


def test_the_table_is_shown_ours_above_the_papers():
    table = json.loads((ROOT / "docs" / "table1.json").read_text())
    for row in table["rows"]:
        row.pop("power", None)
    parts = [table_html(table, part) for part in TABLE_PARTS]
    bits = next(r for r in table["rows"] if r["id"] == "gamma-1")["cells"]["bits_per_dim.mean"]
    assert f'{bits["ours"]:.2f}</span><br><span class="paper">5.25 → 5.90</span>' in parts[0]
    assert "no likelihood" in parts[0] and "not on this machine" in parts[1] and "−0.06" in parts[1]
    table["rows"][0]["title"] = "IB-INN, only L_X (γ = 0)"
    assert not any("Posteriors raised" in table_html(table, part) for part in TABLE_PARTS)
    table["rows"][0]["power"] = 1.2
    parts = [table_html(table, part) for part in TABLE_PARTS]
    assert "Recalibrated after training (a factor on the scores): IB-INN, only L<sub>X</sub> (γ = 0)." in parts[0]
    assert "Posteriors raised" not in parts[1]  # which has no calibration
    assert '<th scope="row">IB-INN, only L<sub>X</sub> (γ&nbsp;=&nbsp;0)</th>' in parts[0]
    assert not any("†" in table_html(table, part) for part in TABLE_PARTS)
    table["rows"][0]["elsewhere"] = True
    for part in TABLE_PARTS:
        shown = table_html(table, part)
        assert shown.count("†") == 2 and "(γ&nbsp;=&nbsp;0) †</th>" in shown
        assert "† The weights of this model are not in" in shown
    table["rows"][0]["title"] = "<script>alert(1)</script>"
    assert "<script>" not in table_html(table, next(iter(TABLE_PARTS)))
