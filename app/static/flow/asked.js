// A worker that is asked for one thing after another, and answers in that order.

export class AskedWorker {
  /** @type {{ resolve: (found: any) => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  /** @type {Error | null} why it answers no more */
  ending = null;

  /**
   * @param {Worker} worker whose answers are { found } or { problem: string }, with isFatal if it is of no use any more
   * @param {(traffic: any) => void} [heard] called with what it says of its { traffic } meanwhile
   */
  constructor(worker, heard) {
    this.worker = worker;
    worker.onmessage = ({ data: { found, problem, isFatal, traffic } }) => {
      if (traffic) return heard?.(traffic);
      const asked = this.#waiting.shift();
      if (problem === undefined) asked?.resolve(found);
      else asked?.reject(new Error(problem));
      if (isFatal) this.end(problem);
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.end(event.message || "the model has ended");
    };
    worker.onmessageerror = () => this.end("the model has sent what cannot be read");
  }

  /** @param {any} request @returns {Promise<any>} */
  ask(request) {
    if (this.ending) return Promise.reject(this.ending);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.worker.postMessage(request);
    });
  }

  /** Frees all memory; what is asked for is rejected. @param {string} why */
  end(why) {
    this.ending ??= new Error(why);
    this.worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(this.ending);
  }
}
