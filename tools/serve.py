"""Serves the clone's app, like the command ibinn-explorer: python tools/serve.py [options of Streamlit]"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ibinn_explorer.serving import serve  # noqa: E402

if __name__ == "__main__":
    serve(sys.argv[1:], "make app ARGS=")
