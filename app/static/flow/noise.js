// Draws the same numbers as torch.randn on a CPU with the same seed. It uses the Mersenne Twister (Matsumoto and
// Nishimura 1998) and the Box-Muller transform on blocks of sixteen numbers.

const [SIZE, SHIFT] = [624, 397];

/** @param {number} seed 0 to 2³² - 1 @returns {() => number} a function that returns 32 random bits */
export function twister(seed) {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let at = 1; at < SIZE; at++) {
    const before = state[at - 1] ^ (state[at - 1] >>> 30);
    state[at] = Math.imul(1812433253, before) + at;
  }
  let at = SIZE;
  return () => {
    if (at === SIZE) {
      for (let k = 0; k < SIZE; k++) {
        const bits = (state[k] & 0x80000000) | (state[(k + 1) % SIZE] & 0x7fffffff);
        state[k] = state[(k + SHIFT) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/**
 * Standard normal numbers that equal torch.randn(count, generator=torch.Generator().manual_seed(seed)) up to rounding.
 * @param {number} count at least 16; for fewer numbers, PyTorch uses another method
 * @param {number} seed an integer from 0 to 2³² - 1
 */
export function normal(count, seed) {
  const bits = twister(seed);
  const uniform = () => (bits() & 0xffffff) / 2 ** 24;
  const found = Float32Array.from({ length: count }, uniform);
  for (let start = 0; start + 16 <= count; start += 16) transform(found, start);
  if (count % 16) {
    for (let at = count - 16; at < count; at++) found[at] = uniform();
    transform(found, count - 16);
  }
  return found;
}

/** @param {Float32Array} values uniform over [0, 1) @param {number} start index of the first of sixteen numbers */
function transform(values, start) {
  for (let at = start; at < start + 8; at++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[at]));
    const angle = 2 * Math.PI * values[at + 8];
    values[at] = radius * Math.cos(angle);
    values[at + 8] = radius * Math.sin(angle);
  }
}

/**
 * The same permutation as torch.randperm(count, generator=torch.Generator().manual_seed(seed)).
 * @param {number} count
 * @param {number} seed an integer from 0 to 2³² - 1
 */
export function permutation(count, seed) {
  const bits = twister(seed);
  const found = Int32Array.from({ length: count }, (_, at) => at);
  for (let at = 0; at < count - 1; at++) {
    const other = at + (bits() % (count - at));
    [found[at], found[other]] = [found[other], found[at]];
  }
  return found;
}
