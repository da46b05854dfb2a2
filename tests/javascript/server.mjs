// Evaluates what Python asks: a line is [script, argument] in JavaScript, the answer a line of JSON.

import { createInterface } from "node:readline";
import { Worker as Thread } from "node:worker_threads";

const root = process.argv[2];
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

/** What some modules of app/static export. @param {string[]} paths */
globalThis.load = async (...paths) => {
  const modules = await Promise.all(paths.map((path) => import(new URL(path, root).href)));
  return Object.assign({}, ...modules);
};

/** The browser's worker, as far as the scripts use it. */
globalThis.Worker = class {
  #thread;

  constructor(/** @type {URL} */ address) {
    const begin = `const { parentPort } = require("node:worker_threads");
      globalThis.self = { postMessage: (found) => parentPort.postMessage(found) };
      import("${address}").then(() => parentPort.on("message", (data) => self.onmessage({ data })));`;
    this.#thread = new Thread(begin, { eval: true });
    this.#thread.on("message", (data) => this.onmessage({ data }));
    this.#thread.on("error", (error) => this.onerror(error));
  }

  postMessage(/** @type {any} */ message) {
    this.#thread.postMessage(message);
  }

  terminate() {
    this.#thread.terminate();
  }
};

/** Arrays of numbers as lists, and numbers that JSON does not know as their names. */
const plain = (/** @type {string} */ _, /** @type {any} */ value) => {
  if (ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value));
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
};

for await (const line of createInterface({ input: process.stdin })) {
  const answer = {};
  try {
    const [script, argument] = (0, eval)(line);
    answer.found = (await new AsyncFunction("arg", script)(argument)) ?? null;
  } catch (error) {
    answer.problem = `${error}`;
  }
  process.stdout.write(`${JSON.stringify(answer, plain)}\n`);
}
