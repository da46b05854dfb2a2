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
  const left = Float64Array.from(a);
  const right = Float64Array.from(b);
  let logAbsDet = 0;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(left[row * n + column]) > Math.abs(left[pivot * n + column])) pivot = row;
    }
    swap(left, column, pivot, n);
    swap(right, column, pivot, k);
    const head = left[column * n + column];
    if (!(Math.abs(head) > 0)) throw new Error("the alignment of this model has no inverse");
    logAbsDet += Math.log(Math.abs(head));
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = left[row * n + column] / head;
      if (!factor) continue;
      for (let at = column; at < n; at++) left[row * n + at] -= factor * left[column * n + at];
      for (let at = 0; at < k; at++) right[row * k + at] -= factor * right[column * k + at];
    }
  }
  for (let row = 0; row < n; row++) for (let at = 0; at < k; at++) right[row * k + at] /= left[row * n + row];
  return { solution: right, logAbsDet };
}

/**
 * @param {Float64Array} a
 * @param {number} one
 * @param {number} other
 * @param {number} width
 */
function swap(a, one, other, width) {
  for (let at = 0; at < width; at++) {
    [a[one * width + at], a[other * width + at]] = [a[other * width + at], a[one * width + at]];
  }
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
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k], a[q * n + k]];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const [vp, vq] = [vectors[k * n + p], vectors[k * n + q]];
    vectors[k * n + p] = c * vp - s * vq;
    vectors[k * n + q] = s * vp + c * vq;
  }
}
