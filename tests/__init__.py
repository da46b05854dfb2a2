"""The tests. Because of this file, ``tests`` is this package and not one that a library installs."""
