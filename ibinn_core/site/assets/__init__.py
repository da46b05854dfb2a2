"""What a browser gets: pages, styles and scripts of the site, and the slider that the app has too."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent
