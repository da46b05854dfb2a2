// The course: a question, a person's prediction, what is right, and something to try. All words come with the lesson.

import { element, written } from "../figure/elements.js";

/**
 * @typedef {import("./site.js").Part} Part
 *
 * @typedef {object} Lesson what app/site/lessons.py writes
 * @property {string} title
 * @property {string} [missing] why it cannot be shown; then there is nothing else
 * @property {Record<"question" | "ask" | "caption" | "reveal" | "task", string>} texts HTML
 * @property {Record<string, string>} verdicts HTML, by what was predicted; "" of nothing
 * @property {{ id: string, label: string }[]} [options] to choose from
 * @property {boolean} [several] whether more than one may be chosen
 * @property {{ label: string, low: number, high: number, start: number }} [scale] or a percentage
 * @property {Part[]} before what it shows before the answer
 * @property {Part[]} after and after it
 */

const KEPT = "ibinn-site-course"; // in the browser: what was predicted in each lesson

export class Course {
  /** @type {Record<number, string>} */
  #answers = {};

  /**
   * @param {Lesson[]} lessons
   * @param {(root: HTMLElement, parts: Part[]) => void} show draws what a lesson shows
   * @param {(number: number) => void} open called to open a lesson
   */
  constructor(lessons, show, open) {
    this.lessons = lessons;
    this.show = show;
    this.open = open;
    this.number = 0;
    this.box = element("div", { class: "lesson" });
    this.stage = element("div", { class: "figures" });
    this.element = element("div", { class: "course" }, this.box, this.stage);
    try {
      this.#answers = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    } catch {
      // A browser that keeps nothing: the progress lasts as long as the page.
    }
  }

  /** @param {number} number of the lesson, from 0 */
  draw(number) {
    this.number = number;
    const lesson = this.lessons[number];
    const answer = this.#answers[number];
    const steps = this.lessons.map((one, index) => {
      const name = `Lesson ${index + 1}: ${one.title}`;
      const text = `${index + 1}${index in this.#answers ? " ✓" : ""}`;
      return element("button", { type: "button", "aria-label": name, title: name, "aria-pressed": index === number, onclick: () => this.open(index) }, text);
    });
    const heading = element("h2", {}, `${number + 1}. ${lesson.title}`);
    this.box.replaceChildren(element("div", { class: "steps", role: "group", "aria-label": "Lessons" }, ...steps), heading);
    this.stage.replaceChildren();
    if (lesson.missing) return this.box.append(element("p", {}, lesson.missing));
    const { texts } = lesson;
    this.box.append(written("p", texts.question), this.#question(lesson, answer));
    if (answer === undefined) this.box.append(written("p", texts.caption, { class: "caption" }));
    else {
      const reveal = element("div", { class: "reveal", "aria-live": "polite" });
      reveal.append(written("p", lesson.verdicts[answer] ?? lesson.verdicts[""], { class: "verdict" }), written("p", texts.reveal));
      this.box.append(reveal, written("p", texts.caption, { class: "caption" }), written("p", `<b>In the app:</b> ${texts.task}`));
      if (number + 1 < this.lessons.length) {
        this.box.append(element("button", { type: "button", class: "next", onclick: () => this.open(number + 1) }, "Next lesson"));
      }
    }
    this.show(this.stage, answer === undefined ? lesson.before : lesson.after);
  }

  /** Goes one step on or back, as a clicker does. @param {number} direction */
  turn(direction) {
    const next = this.number + direction;
    if (direction > 0 && !this.lessons[this.number].missing && !(this.number in this.#answers)) this.#answer("");
    else if (next >= 0 && next < this.lessons.length) this.open(next);
  }

  /** @param {string} guess */
  #answer(guess) {
    this.#answers[this.number] = guess;
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.#answers));
    } catch {
      // As above.
    }
    this.draw(this.number);
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
