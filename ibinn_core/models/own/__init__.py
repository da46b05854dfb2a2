"""A flow of FrEIA, normflows, zuko or any other library as a model of this one.

==============  =======================================================================
``registry``    who builds a flow, by a name that its checkpoint holds (no torch)
``adapter``     recognises a flow by its interface, and makes an invertible layer of it
``classifier``  such a flow with a mixture behind it: all that a model can be asked
==============  =======================================================================

A stranger's network is code, and loading a checkpoint never runs the code of its author. So a checkpoint holds a *name*
and the weights, and the person who loads it registers what builds the flow of that name, or lists files of Python in
``IBINN_FLOWS`` that do so. ``docs/your-own-flow.md`` has the way from a flow to the app.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .registry import register_flow

if TYPE_CHECKING:  # they need torch
    from .classifier import OwnFlowClassifier, wrap_flow

__all__ = ["OwnFlowClassifier", "register_flow", "wrap_flow"]


def __getattr__(name: str) -> object:
    """Imports what needs torch only when it is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".classifier", __name__), name)
