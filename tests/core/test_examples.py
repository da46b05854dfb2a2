"""The public face has examples in its docstrings. pytest runs the examples with the modules that they stand in."""

import ast
import builtins
import doctest
import inspect

import ibinn_core as ib

#: Of the classes of the package, the methods that everybody calls.
METHODS = {
    "GenerativeClassifier": ("encode", "decode", "log_prob", "posterior", "sample"),
    "Family": ("at", "checkpoint"),
}
EXPLORATION = ("interpolate", "rotate_rgb", "project", "align", "typicality")
#: What examples use without importing it.
GIVEN = {"ib", "np", "torch"}


def public_names() -> dict:
    """The functions and classes of the public face, by their names; constants have no docstring."""
    members = {name: getattr(ib, name) for name in ib.__all__}
    found = {name: value for name, value in members.items() if inspect.isroutine(value) or inspect.isclass(value)}
    found |= {f"exploration.{name}": getattr(ib.exploration, name) for name in EXPLORATION}
    found["data.load"] = ib.data.load
    classes = {"GenerativeClassifier": ib.GenerativeClassifier, "Family": type(ib.family("cifar10"))}
    for name, methods in METHODS.items():
        found |= {f"{name}.{method}": getattr(classes[name], method) for method in methods}
    return found


PUBLIC = public_names()


def examples(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(PUBLIC[name].__doc__ or "")


def undefined(name: str) -> set[str]:
    """The names that a public name's examples use without importing them."""
    nodes = list(ast.walk(ast.parse("".join(example.source for example in examples(name)))))
    defined = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    defined |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    defined |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return used - defined - vars(builtins).keys() - GIVEN


def test_every_public_name_has_an_example():
    assert len(PUBLIC) > 25
    used = [name for name, value in PUBLIC.items() if not (inspect.isclass(value) and issubclass(value, Exception))]
    assert [name for name in used if not examples(name)] == []


def test_examples_import_what_they_use():
    """pytest would let them use the names of their modules, which a reader does not have."""
    assert {name: found for name in PUBLIC if (found := undefined(name))} == {}


def test_signatures_can_be_read():
    functions = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
    assert [name for name, value in functions.items() if "numpy._typing" in str(inspect.signature(value))] == []
