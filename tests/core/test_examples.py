"""Every public name has an example in its docstring. pytest runs the examples with the modules that they stand in."""

import ast
import builtins
import doctest
import inspect
from functools import cached_property
from types import FunctionType

import ibinn_core as ib
from ibinn_core import layers
from ibinn_core.data import image_files, image_scaling, images, ood
from ibinn_core.models.baselines import VIB, IRevNet, ResNet
from ibinn_core.models.classifier import InvertibleClassifier
from ibinn_core.models.config import TrainingConfig
from ibinn_core.models.flow import Flow, FlowConfig
from ibinn_core.models.mixture import LatentMixture
from ibinn_core.weight_space import Blend, Family, Place

MODULES = (ib, ib.data, images, image_files, image_scaling, ood, ib.evaluation, ib.exploration, layers)
#: Further classes whose objects these modules return or take.
CLASSES = (Blend, Flow, IRevNet, LatentMixture, Place, ResNet, VIB)
#: The same, and each of their methods needs an example of its own.
CLASSES_WITH_METHODS = (
    *(ib.Checkpoint, Family),
    *(ib.Classifier, InvertibleClassifier, ib.GenerativeClassifier),
    *(ib.Objective, FlowConfig, TrainingConfig, ib.evaluation.Calibration),
)
#: What examples use without importing it.
GIVEN = {"ib", "np", "torch"}


def public_names() -> dict:
    """Everything that must have an example, by its full name; constants have no docstring."""
    found = {}
    for module in MODULES:
        members = {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
        found |= {name: value for name, value in members.items() if inspect.isroutine(value) or inspect.isclass(value)}
    for cls in (*CLASSES, *CLASSES_WITH_METHODS):
        found[f"{cls.__module__}.{cls.__name__}"] = cls
    for cls in CLASSES_WITH_METHODS:
        for name, value in vars(cls).items():
            is_method = isinstance(value, FunctionType | classmethod | staticmethod | property | cached_property)
            if is_method and (name == "__call__" or name[0] != "_"):
                found[f"{cls.__module__}.{cls.__name__}.{name}"] = value
    return found


PUBLIC = public_names()


def examples(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(PUBLIC[name].__doc__ or "")


def undefined(name: str) -> set[str]:
    """What the examples of a public name use without saying where it is from."""
    nodes = list(ast.walk(ast.parse("".join(example.source for example in examples(name)))))
    defined = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    defined |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    defined |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return used - defined - vars(builtins).keys() - GIVEN


def test_every_public_name_has_an_example():
    assert len(PUBLIC) > 100
    assert [name for name in PUBLIC if not examples(name)] == []


def test_examples_import_what_they_use():
    """pytest would let them use the names of their modules, which a reader does not have."""
    assert {name: found for name in PUBLIC if (found := undefined(name))} == {}


def test_signatures_can_be_read():
    functions = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
    assert [name for name, value in functions.items() if "numpy._typing" in str(inspect.signature(value))] == []
