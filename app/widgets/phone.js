// What a phone expects of a page: that a swipe scrolls it, and that its menu closes behind the page that was chosen.

const CLOSE = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';

// Plotly would take each finger for a drag, and the page would stand still. What it does not hear of, the browser does:
// a swipe scrolls, and a tap comes as a click. A tool that a person has picked draws with the finger.
function leaveToBrowser(event) {
  const plot = event.target.closest?.(".js-plotly-plot");
  if (!plot?._fullLayout) return;
  plot.toolAtFirst ??= plot._fullLayout.dragmode;
  if (plot._fullLayout.dragmode === plot.toolAtFirst) event.stopPropagation();
}

// Streamlit has the pages in a menu where the window is narrow, and closes it on what calls itself a phone only.
function closeMenu(event) {
  if (event.target.closest?.('[data-testid="stSidebarNavLink"]')) setTimeout(() => document.querySelector(CLOSE)?.click());
}

export default function () {
  if (document.suitsPhones) return;
  document.suitsPhones = true;
  document.addEventListener("touchstart", leaveToBrowser, { capture: true, passive: true });
  document.addEventListener("click", closeMenu, true);
}
