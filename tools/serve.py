"""Serves the clone's app: python tools/serve.py [options of Streamlit]. The same as the command ibinn-explorer."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ibinn_explorer.serving import serve  # noqa: E402

if __name__ == "__main__":
    serve(sys.argv[1:], "make app ARGS=")
