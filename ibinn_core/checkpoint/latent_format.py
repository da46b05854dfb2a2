"""Until version 0.2, for programs that the app wrote: :func:`ibinn_core.checkpoint.view`."""

import warnings

from .arrays import view as view

warnings.warn("import view from ibinn_core.checkpoint", DeprecationWarning, stacklevel=2)
