"""Opens the app: ``python -m ibinn_explorer``."""

from .serving import main

if __name__ == "__main__":
    main()
