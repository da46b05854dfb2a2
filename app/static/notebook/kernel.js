// Sends questions to the widget's kernel, one question of each kind at a time. After the answer, the newest waiting
// question of this kind follows, and older questions are dropped.

/**
 * @typedef {Record<string, any>} Content
 * @typedef {{ content: Content, buffers: DataView[] }} Answer
 *
 * @typedef {object} Model the model from anywidget
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(content: Content) => void} send
 * @property {(event: string, callback: Function) => void} on
 * @property {(event: string, callback: Function) => void} off
 */

export class Kernel {
  /** @type {Map<string, Promise<Answer>>} the open answer of each kind */
  #answers = new Map();
  /** @type {Map<string, Content>} the newest question of each kind */
  #newest = new Map();
  /** @type {Map<string, (content: Content, buffers: DataView[]) => void>} callbacks of the open questions by id */
  #open = new Map();
  /** A random prefix for the ids, because all views of a widget get all answers. */
  #mark = Math.random().toString(36).slice(2);
  #count = 0;

  /** @param {Model} model @param {(isAsked: boolean) => void} changed called with whether a question is open */
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    this.hear = (/** @type {Content} */ content, /** @type {DataView[]} */ buffers) => this.#open.get(content.id)?.(content, buffers);
    model.on("msg:custom", this.hear);
  }

  remove() {
    this.model.off("msg:custom", this.hear);
  }

  /**
   * @param {string} kind a newer question of the same kind replaces older questions
   * @param {Content} content question, with a `kind` for the kernel
   * @returns {Promise<Answer | null>} null if a newer question has replaced this one
   */
  async ask(kind, content) {
    this.#newest.set(kind, content);
    const before = this.#answers.get(kind);
    if (before) await before.catch(() => {}); // the caller of that question gets its error
    if (this.#newest.get(kind) !== content) return null;
    const answer = this.#send(kind, content);
    this.#answers.set(kind, answer);
    return answer;
  }

  /** @param {string} kind @param {Content} question @returns {Promise<Answer>} */
  #send(kind, question) {
    const id = `${this.#mark} ${++this.#count}`;
    return new Promise((done, fail) => {
      this.#open.set(id, (content, buffers) => {
        this.#open.delete(id);
        this.#answers.delete(kind);
        this.changed(this.#open.size > 0);
        if (content.problem) fail(new Error(content.problem));
        else done({ content, buffers });
      });
      this.changed(true);
      this.model.send({ ...question, id });
    });
  }
}
