"""Measures how plain the texts are: python tools/words.py [DOCUMENT...]

It prints the share of sentences over 25 and over 30 words, the median length, and the Flesch reading ease (60 and more
is plain). It does so for each document, for the messages of each package, and for the docstrings of each folder. A
sentence over 30 words, a median over 14, or a phrase of tools/words.txt is printed and ends the command with status 1.
"""

import argparse
import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import textstat

ROOT = Path(__file__).resolve().parent.parent
LONG, TOO_LONG, MEDIAN = 25, 30, 14
#: Folders of Python, whose docstrings are measured.
FOLDERS = ("ibinn_core", "ibinn_explorer", "app", "tools", "benchmarks", "tests")
#: Documents outside docs/ whose prose is measured. CHANGELOG.md is left out, because it records history.
NAMED = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
#: Parts that are not prose: code, comments, passages between the two marks, formulas, lines of tables.
NO_PROSE = re.compile(
    r"<!-- words: off -->.*?<!-- words: on -->|<!--.*?-->|^(```|~~~).*?^\1|^    .*?$|\$\$.*?\$\$|^[|: -]+$", re.M | re.S
)
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)]*\)")
#: The start of a list item, a table cell, a heading or a paragraph.
BLOCK = re.compile(r"\n\s*\n|^\s*(?:[-*]|\d+\.)\s|\||^#+ |\A---.*?^---", re.M | re.S)
#: Parts of docstrings that are not prose: examples, blocks after "::", lines of tables.
NO_DOCSTRING_PROSE = re.compile(r"^ *>>>.*?(?=\n\s*\n|\Z)|^( *)\S?.*::\n(?:\1 +.*\n?|\n)*|^ *=[= ]+$", re.M | re.S)
#: The start of an argument, a table row, or a list heading.
DOCSTRING_BLOCK = re.compile(r"^(?= *\w+(?:, \w+)*:(?:\s|$))|^(?=\S+(?: \S+)* {2,}\S)", re.M)
END = re.compile(r"(?<=[.!?])[\"”)*]*\s+(?=[\"“(*`\[]*[A-ZΑ-Ωγμσ\d])")
WORD = re.compile(r"[^\W_][\w'’./%-]*")


def phrases() -> list[str]:
    """Returns the phrases to avoid, one per line of the file."""
    lines = (ROOT / "tools" / "words.txt").read_text("utf-8").splitlines()
    return [line.strip().lower() for line in lines if line.strip() and line[0] != "#"]


def prose(text: str) -> str:
    """Removes code from Markdown; inline code becomes one word."""
    text = NO_PROSE.sub("\n\n", text)
    return re.sub(r"`[^`\n]+`|\$[^$\n]+\$|:\w+:", "Code", LINK.sub(r"\1", text))


def sentences(text: str) -> list[str]:
    """Splits a text into sentences of at least three words."""
    blocks = (" ".join(block.split()) for block in BLOCK.split(prose(text)) if block)
    found = [sentence.strip() for block in blocks for sentence in END.split(block)]
    return [one for one in found if length(one) > 2]


def length(sentence: str) -> int:
    return len(WORD.findall(sentence))


def measured(found: list[str]) -> str:
    """Returns a table row: the count of these sentences, shares of long ones, median length and reading ease."""
    lengths = [length(one) for one in found] or [0]
    over = [sum(one > most for one in lengths) / len(lengths) for most in (LONG, TOO_LONG)]
    ease = textstat.flesch_reading_ease(" ".join(one.rstrip(".!?:") + "." for one in found))  # pyright: ignore[reportAttributeAccessIssue]
    return f"{len(found):9} {over[0]:8.1%} {over[1]:8.1%} {statistics.median(lengths):7.0f} {ease:7.0f}"


def shown(folder: Path) -> Iterator[str]:
    """Returns the sentences that a package shows: texts in TOML, and Python strings that are sentences."""
    for file in sorted(folder.rglob("*.toml")):
        yield from _strings(tomllib.loads(file.read_text("utf-8")))
    for file in sorted(folder.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
        wholes = [one.values for one in nodes if isinstance(one, ast.JoinedStr)]
        known = {id(part) for whole in wholes for part in whole} | {
            id(n.value) for n in nodes if isinstance(n, ast.Expr)
        }
        for parts in [*wholes, *([one] for one in nodes if isinstance(one, ast.Constant) and id(one) not in known)]:
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "code" for part in parts)
            if re.search(r"[a-z] [a-z].*[.?!]$", text) and not re.search(r"<|\{\s", text):
                yield text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def docstrings(folder: Path) -> Iterator[str]:
    """Returns the docstrings of public objects, without examples, equations and code."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and getattr(node, "name", "")[:1] != "_":
                text = re.sub(r"``.*?``|:\w+:`.*?`", "Code", ast.get_docstring(node) or "", flags=re.S)
                text = NO_DOCSTRING_PROSE.sub("\n\n", text)
                yield re.sub(r"^ +", "", DOCSTRING_BLOCK.sub("\n\n", text), flags=re.M)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="*", type=Path)
    named = parser.parse_args().document
    documents = named or [ROOT / name for name in NAMED] + sorted((ROOT / "docs").glob("*.md"))
    texts = {document.name: [document.read_text("utf-8")] for document in documents}
    if not named:
        texts |= {f"messages, {name}": list(shown(ROOT / name)) for name in ("app", "ibinn_core", "ibinn_explorer")}
        texts |= {f"docstrings, {name}": list(docstrings(ROOT / name)) for name in FOLDERS}
    print(f"{'':28}{'sentences':>9} {'over 25':>8} {'over 30':>8} {'median':>7} {'Flesch':>7}")
    faults = []
    for name, parts in texts.items():
        found = [one for part in parts for one in sentences(part)]
        print(f"{name:28}{measured(found)}")
        faults += [f"{name}: {length(one)} words: {one}" for one in found if length(one) > TOO_LONG]
        if statistics.median(map(length, found)) > MEDIAN:
            faults.append(f"{name}: half of the sentences have more than {MEDIAN} words")
        faults += [
            f"{name}: “{phrase}”: {one}"
            for one in found
            for phrase in phrases()
            if re.search(rf"\b{re.escape(phrase)}\b", one.lower())
        ]
    print("\n".join(faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
