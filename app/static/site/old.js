// Shows a message if the browser cannot run or load the page's modules. So this script uses only old JavaScript.
window.addEventListener(
  "error",
  function () {
    var waiting = document.querySelector("#view > .waiting");
    if (waiting) waiting.textContent = "This page needs a newer browser, or it did not load completely: reload it.";
  },
  true,
);
