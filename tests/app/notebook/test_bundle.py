"""Modules as one: what a script cannot have is refused. The widget in the browser runs the whole bundle."""

import pytest

from app.notebook.bundle import bundle_module

LINE = "a.js has a line that a script cannot have"
B = 'import { b } from "./b.js";\nexport const a = 1;'


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ('import * as all from "./b.js";', "", LINE),
        ("export { a };", "", LINE),
        ('import "./b.js";', "", LINE),
        ("export * from 'b';", "", LINE),
        (B, 'import { a } from "./a.js";\nexport const b = 1;', "a.js imports itself through b.js"),
    ],
)
def test_what_is_not_known_and_a_circle_are_refused(tmp_path, a, b, said):
    for name, text in (("a.js", a), ("b.js", b)):
        (tmp_path / name).write_text(f"{text}\n")
    with pytest.raises(ValueError, match=said):
        bundle_module(tmp_path / "a.js", tmp_path)
