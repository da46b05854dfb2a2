"""Modules as one."""

import pytest

from app.notebook.bundle import bundle_module


@pytest.fixture
def write(tmp_path):
    def written(**files: str):
        for name, text in files.items():
            (tmp_path / f"{name}.js").write_text(text)
        return tmp_path

    return written


def test_imports_become_constants_and_exports_what_is_returned(write):
    root = write(
        a='import { one, two as other } from "./b.js";\nimport run from "./c.js";\nrun(one + other);\n',
        b="export const one = 1;\nexport function two() {}\nexport class Three {}\n",
        c='import { one } from "./b.js";\nexport default function (x) {\n  return x + one;\n}\n',
    )
    script = bundle_module(root / "a.js", root)
    assert 'const { one, two: other } = modules["b.js"];' in script
    assert 'const { default: run } = modules["c.js"];' in script
    assert "function defaultExport (x)" in script.replace("Export(", "Export (") and "default: defaultExport" in script
    assert "return { one, two, Three };" in script
    assert script.count('modules["b.js"] = ') == 1
    assert script.index('modules["b.js"] = ') < script.index('modules["c.js"] = ') < script.index('modules["a.js"] = ')
    assert "import" not in script and script.count("export ") == 1


def test_an_address_is_the_pages_and_comments_stay(write):
    root = write(a='/** @type {import("./b.js").Part} */\nexport const part = import.meta.url;\n')
    script = bundle_module(root / "a.js", root)
    assert "part = document.baseURI;" in script and '@type {import("./b.js").Part}' in script


@pytest.mark.parametrize(
    "line", ['import * as all from "./b.js";', "export { a };", 'import "./b.js";', "export * from 'b';"]
)
def test_what_is_not_known_is_refused(write, line):
    root = write(a=line + "\n", b="")
    with pytest.raises(ValueError, match="a.js has a line that a script cannot have"):
        bundle_module(root / "a.js", root)


def test_a_circle_is_refused(write):
    root = write(
        a='import { b } from "./b.js";\nexport const a = 1;\n', b='import { a } from "./a.js";\nexport const b = 1;\n'
    )
    with pytest.raises(ValueError, match="a.js imports itself through b.js"):
        bundle_module(root / "a.js", root)
