// Reads formulas from its standard input, one JSON a line, and writes each as HTML: node formulas.cjs katex.min.js
const katex = require(process.argv[2]);
const lines = require("node:readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const { formula, display } = JSON.parse(line);
  let answer;
  try {
    answer = { html: katex.renderToString(formula, { displayMode: display, throwOnError: true, strict: "ignore" }) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
