// Questions to the widget's kernel, which answers one after the other and computes meanwhile: of each kind one is on its
// way, and of those that come until it is answered only the newest is asked.

/**
 * @typedef {Record<string, any>} Content
 * @typedef {{ content: Content, buffers: DataView[] }} Answer
 *
 * @typedef {object} Model what anywidget gives of it
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(content: Content) => void} send
 * @property {(event: string, callback: Function) => void} on
 * @property {(event: string, callback: Function) => void} off
 *
 * @typedef {object} Question
 * @property {Content} content
 * @property {(answer: Answer | null) => void} done
 * @property {(error: Error) => void} fail
 */

export class Kernel {
  /** @type {Map<string, Question>} by their kinds, those that are on their way */
  #asked = new Map();
  /** @type {Map<string, Question>} by their kinds, those that wait */
  #waiting = new Map();
  /** Of this view: others of the same widget hear its answers too. */
  #mark = Math.random().toString(36).slice(2);
  #count = 0;

  /** @param {Model} model @param {(isAsked: boolean) => void} changed called with whether any question is open */
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    this.hear = this.hear.bind(this);
    model.on("msg:custom", this.hear);
  }

  remove() {
    this.model.off("msg:custom", this.hear);
  }

  /**
   * @param {string} kind which questions overtake one another
   * @param {Content} content with its own `kind`, by which the kernel knows what to do
   * @returns {Promise<Answer | null>} nothing if a newer question has overtaken it
   */
  ask(kind, content) {
    return new Promise((done, fail) => {
      this.#waiting.get(kind)?.done(null);
      this.#waiting.set(kind, { content, done, fail });
      this.#next(kind);
    });
  }

  /** @param {string} kind */
  #next(kind) {
    const question = this.#waiting.get(kind);
    if (!question || this.#asked.has(kind)) return;
    this.#waiting.delete(kind);
    this.#asked.set(kind, question);
    this.#count += 1;
    question.content = { ...question.content, id: `${this.#mark} ${this.#count}` };
    this.changed(true);
    this.model.send(question.content);
  }

  /** @param {Content} content @param {DataView[]} buffers */
  hear(content, buffers) {
    for (const [kind, question] of this.#asked) {
      if (question.content.id !== content.id) continue;
      this.#asked.delete(kind);
      if (content.problem) question.fail(new Error(content.problem));
      else question.done({ content, buffers });
      this.#next(kind);
      this.changed(this.#asked.size > 0);
    }
  }
}
