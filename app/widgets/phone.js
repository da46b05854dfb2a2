// On a phone the menu closes behind the page that was chosen.

const CLOSE = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';

// Streamlit has the pages in a menu where the window is narrow, and closes it on what calls itself a phone only.
function closeMenu(event) {
  if (event.target.closest?.('[data-testid="stSidebarNavLink"]')) setTimeout(() => document.querySelector(CLOSE)?.click());
}

export default function () {
  if (document.suitsPhones) return;
  document.suitsPhones = true;
  document.addEventListener("click", closeMenu, true);
}
