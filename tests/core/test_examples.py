"""The public face has examples in its docstrings. pytest runs the examples with the modules that they stand in."""

import ast
import builtins
import doctest
import inspect

import ibinn_core as ib

#: What everybody calls beside the names of the package, whose constants have no docstring.
METHODS = {
    ib.GenerativeClassifier: ("encode", "decode", "log_prob", "posterior", "sample"),
    type(ib.family("cifar10")): ("at", "checkpoint"),
    ib.exploration: ("interpolate", "rotate_rgb", "project", "align", "typicality"),
    ib.data: ("load",),
}
NAMED = [getattr(ib, name) for name in ib.__all__]
PUBLIC = [one for one in NAMED if inspect.isroutine(one) or inspect.isclass(one) and not issubclass(one, Exception)]
PUBLIC += [getattr(owner, name) for owner, names in METHODS.items() for name in names]
#: What examples use without importing it.
GIVEN = {"ib", "np", "torch"}


def source(value: object) -> str:
    """The examples of a public name."""
    return "".join(example.source for example in doctest.DocTestParser().get_examples(value.__doc__ or ""))


def undefined(value: object) -> set[str]:
    """The names that a public name's examples use without importing them."""
    nodes = list(ast.walk(ast.parse(source(value))))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    defined = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    defined |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    defined |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    return {node.id for node in names if isinstance(node.ctx, ast.Load)} - defined - vars(builtins).keys() - GIVEN


def test_every_public_name_has_an_example_that_imports_what_it_uses():
    """pytest would let it use the names of its module, which a reader does not have."""
    assert len(PUBLIC) > 25
    assert [one for one in PUBLIC if not source(one)] == []
    assert {str(one): found for one in PUBLIC if (found := undefined(one))} == {}
