"""The tests. This file makes them the package of this name, and not one that a library installs."""
