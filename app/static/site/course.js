// The course: a question, a person's prediction, what is right, and something to try. All words come with the lesson.

import { element, written } from "../figure/elements.js";

/**
 * @typedef {import("./parts.js").Part} Part
 *
 * @typedef {object} Lesson what app/site/lessons.py writes
 * @property {string} title
 * @property {string} [missing] why it cannot be shown; then there is nothing else
 * @property {Record<"question" | "ask" | "caption" | "reveal" | "task", string>} texts HTML
 * @property {Record<string, string>} verdicts HTML, by what was predicted; "" of nothing
 * @property {{ id: string, label: string }[]} [options] to choose from
 * @property {boolean} [several] whether more than one may be chosen
 * @property {{ label: string, url: string }[]} links where to try it on the site
 * @property {{ label: string, low: number, high: number, start: number }} [scale] or a percentage
 * @property {Part[]} before what it shows before the answer
 */

const KEPT = "ibinn-site-course"; // in the browser: what was predicted in each lesson, by its number

export class Course {
  /** @type {Record<number, string>} */
  #answers = {};

  /**
   * @param {Record<string, string>} titles of the lessons by name
   * @param {string} name of the one that is open
   * @param {Lesson} lesson
   * @param {() => Promise<Part[]>} after fetches what it shows after the answer
   * @param {(root: HTMLElement, parts: Part[]) => Promise<void>} show draws what a lesson shows
   * @param {(name: string) => unknown} open called to open another lesson
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
    this.element = element("div", { class: "course" }, this.box, this.stage);
    try {
      this.#answers = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    } catch {
      // A browser that keeps nothing: the progress lasts as long as the page.
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
    const heading = element("h2", {}, `${number + 1}. ${lesson.title}`);
    this.box.replaceChildren(element("div", { class: "steps", role: "group", "aria-label": "Lessons" }, ...steps), heading);
    this.stage.replaceChildren();
    if (lesson.missing) return this.box.append(element("p", {}, lesson.missing));
    const { texts } = lesson;
    this.box.append(written("p", texts.question), this.#question(lesson, answer));
    if (answer !== undefined) {
      const reveal = element("div", { class: "reveal", "aria-live": "polite" });
      reveal.append(written("p", lesson.verdicts[answer] ?? lesson.verdicts[""], { class: "verdict" }), written("p", texts.reveal));
      this.box.append(reveal);
    }
    this.box.append(written("p", texts.caption, { class: "quiet" }));
    if (answer !== undefined) this.#leadOn();
    await this.show(this.stage, answer === undefined ? lesson.before : await this.after());
  }

  /** Where to go once the answer is there. */
  #leadOn() {
    const { links, texts } = this.lesson;
    const found = links.map(({ label, url }) => element("a", { href: url, class: "button" }, label));
    if (texts.task) this.box.append(written("p", texts.task));
    if (found.length) this.box.append(element("div", { class: "options" }, ...found));
    const next = this.titles[this.number + 1];
    if (next) this.box.append(element("button", { type: "button", class: "next", onclick: () => this.open(next[0]) }, "Next lesson"));
  }

  /** @param {string} guess */
  #answer(guess) {
    this.#answers[this.number] = guess;
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.#answers));
    } catch {
      // As above.
    }
    this.draw();
  }

  /**
   * How to predict, and what was predicted.
   * @param {Lesson} lesson
   * @param {string | undefined} answer
   */
  #question({ texts, options, several, scale }, answer) {
    const box = element("div", { class: "options", role: "group", "aria-label": "Your prediction" }, written("span", texts.ask));
    const done = element("button", { type: "button", class: "next" }, "Show what is right");
    if (scale) {
      const value = answer || String(scale.start);
      const input = element("input", { type: "range", min: scale.low, max: scale.high, value, "aria-label": scale.label });
      const output = element("output", {}, `${value} %`);
      input.oninput = () => (output.textContent = `${input.value} %`);
      done.onclick = () => this.#answer(input.value);
      box.append(element("div", { class: "scale" }, input, output), done);
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
