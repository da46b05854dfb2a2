// A worker that answers requests in the order in which they were sent.

export class AskedWorker {
  /** @type {{ resolve: (found: any) => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  /** @type {Error | null} why the worker has stopped; null while it runs */
  ending = null;

  /**
   * @param {Worker} worker answers { found } or { problem: string }, with isFatal if it cannot answer again
   * @param {(traffic: any) => void} [heard] called with each { traffic } message of the worker
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
      this.end(event.message || "the model has stopped with an error");
    };
    worker.onmessageerror = () => this.end("the model has sent an unreadable answer");
  }

  /** @param {any} request @returns {Promise<any>} */
  ask(request) {
    if (this.ending) return Promise.reject(this.ending);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.worker.postMessage(request);
    });
  }

  /** Ends the worker and rejects all open requests. @param {string} why */
  end(why) {
    this.ending ??= new Error(why);
    this.worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(this.ending);
  }
}
