// What the browser has told the program, which answers late: what it gives may be older than what is shown.

export class Told {
  /** @type {string | null} what the program knows */ #known = null;
  /** @type {Set<string>} what it was told before and may still answer */ #overtaken = new Set();

  /** Whether what the program gives is a link or Back, and no answer. @param {string} given */
  isNews(given) {
    if (given !== this.#known && this.#overtaken.has(given)) return false;
    const isNews = given !== this.#known;
    this.#known = given;
    this.#overtaken.clear();
    return isNews;
  }

  /** Notes what the program is to be told. @param {string} said @returns {boolean} whether it does not know that */
  isNew(said) {
    if (said === this.#known) return false;
    if (this.#known !== null) this.#overtaken.add(this.#known);
    this.#overtaken.delete(said);
    this.#known = said;
    return true;
  }

  /** Back may lead to what the program was told before. */
  forget() {
    this.#overtaken.clear();
  }
}
