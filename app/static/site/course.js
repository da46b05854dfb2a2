// The course. Each lesson asks a question, and the user predicts the answer. Then the lesson shows the right answer and
// suggests something to try. The data of a lesson contain all its texts.

import { element, written } from "../figure/elements.js";

/**
 * @typedef {import("./parts.js").Part} Part
 *
 * @typedef {object} Lesson the data from app/site/lessons.py
 * @property {string} title
 * @property {string} [missing] why the lesson cannot be shown; all other texts and parts are then missing
 * @property {Record<"question" | "ask" | "caption" | "reveal" | "task", string>} texts HTML
 * @property {Record<string, string>} verdicts HTML for each prediction; "" is the default
 * @property {{ id: string, label: string }[]} [options] possible predictions
 * @property {boolean} [several] whether the user may choose more than one option
 * @property {{ label: string, url: string }[]} links links to pages on which the user can do the task
 * @property {{ label: string, low: number, high: number, start: number }} [scale] slider to predict a percentage
 * @property {Part[]} before parts that are shown before the prediction
 */

const KEPT = "ibinn-site-course"; // key of the predictions in the browser's storage

export class Course {
  /** @type {Record<number, string>} */
  #answers = {};

  /**
   * @param {Record<string, string>} titles titles of the lessons by name
   * @param {string} name name of the current lesson
   * @param {Lesson} lesson
   * @param {() => Promise<Part[]>} after fetches the parts that are shown after the prediction
   * @param {(root: HTMLElement, parts: Part[]) => Promise<void>} show draws parts
   * @param {(name: string) => unknown} open opens another lesson
   */
  constructor(titles, name, lesson, after, show, open) {
    this.titles = Object.entries(titles);
    this.number = this.titles.findIndex(([one]) => one === name);
    this.lesson = lesson;
    this.after = after;
    this.show = show;
    this.open = open;
    this.box = element("div", { class: "lesson" });
    this.stage = element("div", { class: "figures" });
    this.onward = element("div", { class: "lesson" });
    this.heading = element("h2", { tabindex: -1 });
    this.element = element("div", { class: "course" }, this.box, this.stage, this.onward);
    try {
      this.#answers = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    } catch {
      // Without storage, the progress is lost when the page closes.
    }
  }

  async draw() {
    const { lesson, number } = this;
    const answer = this.#answers[number];
    const steps = this.titles.map(([name, title], index) => {
      const label = `Lesson ${index + 1}: ${title}`;
      const text = `${index + 1}${index in this.#answers ? " ✓" : ""}`;
      return element("button", { type: "button", "aria-label": label, title: label, "aria-pressed": index === number, onclick: () => this.open(name) }, text);
    });
    this.heading.textContent = `${number + 1}. ${lesson.title}`;
    this.box.replaceChildren(element("div", { class: "steps", role: "group", "aria-label": "Lessons" }, ...steps), this.heading);
    this.stage.replaceChildren();
    if (lesson.missing) return this.box.append(element("p", {}, lesson.missing));
    const { texts } = lesson;
    this.box.append(written("p", texts.question), this.#question(lesson, answer));
    if (answer !== undefined) {
      const reveal = element("div", { class: "reveal", tabindex: -1 });
      reveal.append(written("p", lesson.verdicts[answer] ?? lesson.verdicts[""], { class: "verdict" }), written("p", texts.reveal));
      this.box.append(reveal);
    }
    this.box.append(written("p", texts.caption, { class: "quiet" }));
    if (answer !== undefined) this.#leadOn();
    await this.show(this.stage, answer === undefined ? lesson.before : await this.after());
  }

  /** Links to things to try, and a button for the next lesson. */
  #leadOn() {
    const { links, texts } = this.lesson;
    const found = links.map(({ label, url }) => element("a", { href: url, class: "button" }, label));
    if (texts.task) this.onward.append(written("p", texts.task));
    if (found.length) this.onward.append(element("div", { class: "options" }, ...found));
    const next = this.titles[this.number + 1];
    if (next) this.onward.append(element("button", { type: "button", class: "next", onclick: () => this.open(next[0]) }, "Next lesson"));
  }

  /** @param {string} guess */
  #answer(guess) {
    this.#answers[this.number] = guess;
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.#answers));
    } catch {
      // Without storage, the progress is lost when the page closes.
    }
    this.draw();
    /** @type {HTMLElement | null} */ (this.box.querySelector(".reveal"))?.focus();
  }

  /**
   * The controls of the prediction.
   * @param {Lesson} lesson
   * @param {string | undefined} answer
   */
  #question({ texts, options, several, scale }, answer) {
    const box = element("div", { class: "options", role: "group", "aria-label": "Your prediction" }, written("span", texts.ask));
    const done = element("button", { type: "button", class: "next" }, "Show what is right");
    if (scale) {
      const value = answer || String(scale.start);
      const input = element("input", { type: "range", min: scale.low, max: scale.high, value, "aria-label": scale.label });
      const output = element("output", {}, answer ? `${value} %` : "");
      input.oninput = () => (output.textContent = `${input.value} %`);
      done.onclick = () => this.#answer(output.textContent && input.value); // empty if nobody moved it
      box.append(element("div", { class: "scale" }, `${scale.low} %`, input, `${scale.high} %`, output), done);
      input.disabled = done.hidden = answer !== undefined;
      return box;
    }
    const chosen = new Set(answer ? answer.split(",") : []);
    const ids = (options ?? []).map((option) => option.id);
    const buttons = (options ?? []).map(({ id, label }) => {
      const button = element("button", { type: "button", "aria-pressed": chosen.has(id) }, label);
      button.disabled = answer !== undefined;
      button.onclick = () => {
        if (!several) return this.#answer(id);
        if (!chosen.delete(id)) chosen.add(id);
        button.setAttribute("aria-pressed", String(chosen.has(id)));
      };
      return button;
    });
    done.onclick = () => this.#answer(ids.filter((id) => chosen.has(id)).join(","));
    done.hidden = !several || answer !== undefined;
    box.append(...buttons, done);
    return box;
  }
}
