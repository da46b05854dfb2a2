// What all tasks have: the figure that they change, and what the program gives them.

/** @template Given */
export class Task {
  /** @param {string} figure its key @param {Given} given */
  constructor(figure, given) {
    this.figure = figure;
    this.given = given;
  }
}
