// The base class of all tasks.

/** @template Given */
export class Task {
  /** @param {string} figure key of the figure @param {Given} given data from the program */
  constructor(figure, given) {
    this.figure = figure;
    this.given = given;
  }
}
