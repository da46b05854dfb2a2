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
 */

export class Kernel {
  /** @type {Map<string, Promise<Answer>>} by their kinds, the answers that are on their way */
  #answers = new Map();
  /** @type {Map<string, Content>} by their kinds, the newest questions */
  #newest = new Map();
  /** @type {Map<string, (content: Content, buffers: DataView[]) => void>} what hears the answers that are on their way */
  #open = new Map();
  /** Of this view: others of the same widget hear its answers too. */
  #mark = Math.random().toString(36).slice(2);
  #count = 0;

  /** @param {Model} model @param {(isAsked: boolean) => void} changed called with whether any question is open */
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
   * @param {string} kind which questions overtake one another
   * @param {Content} content with its own `kind`, by which the kernel knows what to do
   * @returns {Promise<Answer | null>} nothing if a newer question has overtaken it
   */
  async ask(kind, content) {
    this.#newest.set(kind, content);
    const before = this.#answers.get(kind);
    if (before) await before.catch(() => {}); // of which its own caller hears
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
