"""Small images to choose from: the labels of a group of buttons, laid out as a grid."""

import numpy as np

from app.figures.layout import as_rgb, png_uri

SCALE = 2  # of the pixels sent; the browser enlarges them further, and is told not to blur


def thumbnail_label(pixels: np.ndarray, alt: str, caption: str) -> str:
    """One image, uint8 ``(H, W, C)``, over its caption, in the Markdown that a widget's label takes."""
    return f"![{alt}]({png_uri(as_rgb(pixels), SCALE)}) {caption}"


def grid_style(key: str, columns: tuple[int, int, int], side: int = 64) -> str:
    """CSS that turns pills in the container ``key`` into a grid: columns on a wide page, a narrow one, a phone.

    The buttons stay what they are to a keyboard and a screen reader; only their look changes. ``side`` is that of a
    thumbnail in CSS pixels; multiples of the image's are sharpest.
    """
    wide, narrow, phone = columns
    grid = f".st-key-{key} [role=radiogroup]"
    return f"""<style>
{grid} {{ display: grid; grid-template-columns: repeat({wide}, minmax(0, 1fr)); gap: 0.35rem; width: 100%; }}
{grid} button {{
  display: flex; align-items: flex-start; width: 100%; height: auto; min-height: 0; margin: 0;
  padding: 0.35rem 0.2rem 0.25rem;
  border-radius: 0.5rem; border-color: transparent; background: none;
}}
{grid} button:hover, {grid} button:focus-visible {{ border-color: var(--st-primary-color, #3b6fb6); }}
{grid} button[aria-checked=true] {{ border: 2px solid var(--st-primary-color, #3b6fb6); }}
{grid} button div, {grid} button span {{ width: 100%; }}
{grid} button * {{ max-width: 100%; white-space: normal; }}
{grid} button p {{ font-size: 0.75rem; line-height: 1.2; text-align: center; text-wrap: balance; }}
{grid} button img {{
  display: block; width: {side}px; height: auto; aspect-ratio: 1; max-height: none; object-fit: fill;
  margin: 0 auto 0.2rem; border-radius: 3px; image-rendering: pixelated;
}}
@media (max-width: 1100px) {{ {grid} {{ grid-template-columns: repeat({narrow}, minmax(0, 1fr)); }} }}
@media (max-width: 600px) {{ {grid} {{ grid-template-columns: repeat({phone}, minmax(0, 1fr)); }} }}
</style>"""
