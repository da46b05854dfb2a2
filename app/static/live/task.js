// The base class of all tasks.

/** @template Data */
export class Task {
  /** @param {string} figure key of the figure @param {Data} given data from the program */
  constructor(figure, given) {
    this.figure = figure;
    this.given = given;
  }
}
