// Closes the menu in a narrow window after the user has chosen a page.

const CLOSE = '«close menu»';

// Streamlit shows the pages in a menu if the window is narrow, but closes the menu only if the browser says that it runs on a phone.
function closeMenu(event) {
  if (event.target.closest?.('«menu link»')) setTimeout(() => document.querySelector(CLOSE)?.click());
}

export default function () {
  if (document.suitsPhones) return;
  document.suitsPhones = true;
  document.addEventListener("click", closeMenu, true);
}
