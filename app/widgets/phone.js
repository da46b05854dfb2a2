// On a phone the menu closes behind the page that was chosen.

const CLOSE = '«close menu»';

// Streamlit has the pages in a menu where the window is narrow, and closes it on what calls itself a phone only.
function closeMenu(event) {
  if (event.target.closest?.('«menu link»')) setTimeout(() => document.querySelector(CLOSE)?.click());
}

export default function () {
  if (document.suitsPhones) return;
  document.suitsPhones = true;
  document.addEventListener("click", closeMenu, true);
}
