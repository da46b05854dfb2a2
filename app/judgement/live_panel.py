"""Likelihoods, posterior and bits/dim of what a person writes, drawn anew with every stroke."""

from pathlib import Path
from typing import Any

from app.widgets.component import own_component

_HTML = """
<div class="panel" role="img">
  <div class="bars">
    <span></span><b>likelihood <i>log q(x | y), nats</i></b><b>posterior <i>q(y | x)</i></b>
  </div>
  <div class="axes"><span></span>
    <div><i style="left: 37.5%">−10</i><i class="end">0 = largest</i></div>
    <div><i style="left: 0">0%</i><i style="left: 37.5%">50%</i><i style="left: 75%">100%</i></div>
  </div>
  <b>bits/dim <span data-legend></span></b>
  <div class="strip">
    <div data-band></div><svg viewBox="0 0 100 100" preserveAspectRatio="none"></svg><div data-needle><b></b></div>
  </div>
  <div class="ticks"></div>
</div>
"""


def live_panel(panel: dict[str, Any], alt: str, key: str) -> None:
    """The panel, as :func:`app.figures.written.written_panel` makes it."""
    own_component("live_panel", Path(__file__), _HTML)(key=key, data={**panel, "alt": alt})
