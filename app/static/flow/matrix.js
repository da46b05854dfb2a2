// Linear algebra for the alignment, in double precision. A matrix is a Float64Array in row-major order.

/**
 * The product A B of A (n, m) and B (m, k).
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @param {number} n
 * @param {number} m
 * @param {number} k
 */
export function product(a, b, n, m, k) {
  const found = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const factor = a[i * m + j];
      for (let l = 0; l < k; l++) found[i * k + l] += factor * b[j * k + l];
    }
  }
  return found;
}

/**
 * The transpose Aᵀ.
 * @param {ArrayLike<number>} a (n, m)
 * @param {number} n
 * @param {number} m
 */
export function transposed(a, n, m) {
  const found = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) found[j * n + i] = a[i * m + j];
  return found;
}

/**
 * Solves A X = B by Gaussian elimination with pivoting, and computes log |det A|.
 * @param {ArrayLike<number>} a (n, n)
 * @param {ArrayLike<number>} b (n, k)
 * @param {number} n
 * @param {number} k
 */
export function solved(a, b, n, k) {
  const [left, right] = [Float64Array.from(a), Float64Array.from(b)];
  const rows = Array.from({ length: n }, (_, row) => [...left.subarray(row * n, (row + 1) * n), ...right.subarray(row * k, (row + 1) * k)]);
  let logAbsDet = 0;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const head = rows[column][column];
    if (!(Math.abs(head) > 0)) throw new Error("the alignment of this model has no inverse");
    logAbsDet += Math.log(Math.abs(head));
    for (const row of rows) {
      const factor = row[column] / head;
      if (row === rows[column] || !factor) continue;
      for (let at = column; at < n + k; at++) row[at] -= factor * rows[column][at];
    }
  }
  const solution = Float64Array.from(rows.flatMap((row, place) => row.slice(n).map((value) => value / row[place])));
  return { solution, logAbsDet };
}

/**
 * Unsorted eigenvalues of a symmetric matrix S (n, n), and its eigenvectors as columns, by Jacobi rotations.
 * @param {Float64Array} s
 * @param {number} n
 */
function eigen(s, n) {
  const a = s.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let sweep = 0; sweep < 60; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = Math.abs(a[p * n + q]);
        largest = Math.max(largest, off);
        if (off > 1e-17 * scale) rotate(a, vectors, n, p, q);
      }
    }
    if (largest <= 1e-15 * scale) break;
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]), vectors };
}

/**
 * S^(-1/2) of a symmetric positive definite matrix S (n, n).
 * @param {Float64Array} s
 * @param {number} n
 */
export function inverseRoot(s, n) {
  const { values, vectors } = eigen(s, n);
  if (!(Math.min(...values) > 1e-18 * Math.max(...values))) {
    throw new Error("the class means of this model span too few dimensions");
  }
  const scaled = vectors.map((value, at) => value / Math.sqrt(values[at % n])); // V diag(λ^(-1/2))
  return product(scaled, transposed(vectors, n, n), n, n, n);
}

/**
 * Sets the element (p, q) of `a` to zero by a Jacobi rotation.
 * @param {Float64Array} a
 * @param {Float64Array} vectors
 * @param {number} n
 * @param {number} p
 * @param {number} q
 */
function rotate(a, vectors, n, p, q) {
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const turn = (/** @type {Float64Array} */ array, /** @type {number} */ one, /** @type {number} */ other) => {
    [array[one], array[other]] = [c * array[one] - s * array[other], s * array[one] + c * array[other]];
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) {
    turn(a, p * n + k, q * n + k);
    turn(vectors, k * n + p, k * n + q);
  }
}
