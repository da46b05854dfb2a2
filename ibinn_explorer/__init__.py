"""The app: the command ``ibinn-explorer``, a widget for notebooks, and figures without the app.

``explore``   latent space as a widget
``figures``   the app's figures
``serving``   the command
``site``      the part of the command that writes the static site
``copies``    a copy of the app in a folder that a server can write to

In a wheel, :file:`setup.py` puts ``app/``, ``checkpoints/`` and ``docs/`` into this folder. In a clone, ``app/`` is
next to this folder. In both cases, import it as ``ibinn_explorer.app``. This name does not hide your package ``app``.
"""

from pathlib import Path

from .notebook import explore

__all__ = ["explore"]

if not Path(__file__).with_name("app").is_dir():  # a clone
    __path__.append(str(Path(__file__).resolve().parent.parent))
