// Tracks which values the browser has sent to the program. The program's answers may come late, with older values.

export class SentValues {
  /** @type {string | null} the last value that the program knows */ #known = null;
  /** @type {Set<string>} earlier values that the program may still return */ #overtaken = new Set();

  /** Whether a value from the program is new, for example from a link or Back, and not a late answer. @param {string} given */
  isNews(given) {
    const isNews = given !== this.#known;
    if (isNews && this.#overtaken.has(given)) return false;
    this.#known = given;
    this.#overtaken.clear();
    return isNews;
  }

  /** Notes a value that the browser wants to send. @param {string} said @returns {boolean} whether the program does not know it yet */
  isNew(said) {
    if (said === this.#known) return false;
    if (this.#known !== null) this.#overtaken.add(this.#known);
    this.#overtaken.delete(said);
    this.#known = said;
    return true;
  }

  /** Forgets the earlier values, because Back may lead to one of them. */
  forget() {
    this.#overtaken.clear();
  }
}
