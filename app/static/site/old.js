// For browsers that cannot read the page's modules, and where these cannot be fetched: one sentence in their place.
window.addEventListener(
  "error",
  function () {
    var waiting = document.querySelector("#view > .waiting");
    if (waiting) waiting.textContent = "This page needs a newer browser, or did not arrive whole: load it again.";
  },
  true,
);
