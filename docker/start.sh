#!/bin/sh
# Serves the app in the container. Streamlit must know the host name in the browser's address bar, and refuses pages of
# other hosts. EXPLORER_HOST is this name. Spaces of the Hugging Face Hub set SPACE_HOST instead.
exec python tools/serve.py --browser.serverAddress="${EXPLORER_HOST:-${SPACE_HOST:-localhost}}" "$@"
