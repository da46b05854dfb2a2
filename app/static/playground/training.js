// Trains on all points at once with Adam (Kingma & Ba 2015). A step writes only to existing arrays, which is fast.

import { Flow, Trace } from "./flow.js";
import { Mixture } from "./mixture.js";
import { Objective, shares } from "./objective.js";

/** @typedef {import("./trainer.js").Problem} Problem */

const [FIRST, SECOND, EPSILON] = [0.9, 0.99, 1e-8]; // Adam's constants, as in ibinn_core/training/trainer.py
const DIMS = 2;
const ABSURD_LOSS = 1e3; // nats per dimension, as in trainer.py

/** Adam on one array of parameters. */
class Adam {
  /** @param {Float64Array} parameters @param {Float64Array} gradients */
  constructor(parameters, gradients) {
    this.parameters = parameters;
    this.gradients = gradients;
    this.mean = new Float64Array(parameters.length);
    this.square = new Float64Array(parameters.length);
  }

  /** @param {number} rate @param {number} step number of the step, from 1 */
  step(rate, step) {
    const { parameters, gradients, mean, square } = this;
    const size = rate / (1 - FIRST ** step);
    const correction = 1 / Math.sqrt(1 - SECOND ** step);
    for (let at = 0; at < parameters.length; at++) {
      const gradient = gradients[at];
      mean[at] = FIRST * mean[at] + (1 - FIRST) * gradient;
      square[at] = SECOND * square[at] + (1 - SECOND) * gradient * gradient;
      parameters[at] -= (size * mean[at]) / (Math.sqrt(square[at]) * correction + EPSILON);
    }
  }
}

export class Training {
  /** False after the training has diverged. No steps follow then. */
  finite = true;

  /** @param {Problem} problem */
  constructor(problem) {
    const { points, classes, couplings, width, seed } = problem;
    this.problem = { ...problem };
    this.flow = new Flow({ couplings, width, seed, points });
    this.mixture = new Mixture(classes);
    this.taken = 0; // steps so far
    this.adams = [
      new Adam(this.flow.parameters, this.flow.gradients),
      new Adam(this.mixture.means, this.mixture.gradients),
    ];
    this.room = this.#makeRoom();
  }

  /** Changes settings, or replaces the points by new points with the same classes. @param {Partial<Problem>} settings */
  change(settings) {
    Object.assign(this.problem, settings);
    this.finite = true;
    if (settings.points) this.room = this.#makeRoom();
  }

  #makeRoom() {
    const { points, couplings } = this.problem;
    const rows = points.length / 2;
    return { trace: new Trace(rows, couplings), objective: new Objective(rows) };
  }

  /** Computes the loss and its gradients. */
  evaluate() {
    const { flow, mixture, problem } = this;
    const { trace, objective } = this.room;
    flow.forward(trace.load(problem.points));
    objective.of(trace, problem.labels, mixture, shares(problem.objective, problem.gamma));
    flow.backward(trace, objective.d1, objective.d2, objective.dLogDet);
  }

  /** Takes one step, unless the training has diverged. A very large loss counts as divergence. */
  step() {
    if (!this.finite) return;
    this.evaluate();
    this.finite = Math.abs(this.room.objective.loss) < DIMS * ABSURD_LOSS;
    if (!this.finite) return;
    this.taken++;
    for (const adam of this.adams) adam.step(this.problem.learningRate, this.taken);
    this.flow.changed();
  }
}
