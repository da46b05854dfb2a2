// What a component of Streamlit's keeps for an element, from call to call and until the element ends. Streamlit calls a
// component with each change. Where a call is overtaken by the next one before it has answered, Streamlit ends the earlier
// one, though the element goes on: what its call returned must then take nothing away. The next call may not have begun
// by then, so that the last one ends with its element.

const AGAIN = 100; // ms after which an element that was still there is looked for again

/** @type {WeakMap<Element, object>} the last call for each element */
const last = new WeakMap();
/** @type {WeakMap<Element, any>} what is kept for each */
const kept = new WeakMap();

/**
 * What is kept for an element, made by its first call; and what a call returns to Streamlit.
 * @template {{ remove: () => void }} Kept
 * @param {Element} host
 * @param {() => Kept} make
 * @returns {[Kept, () => void]}
 */
export function keptFor(host, make) {
  /** @type {Kept} */
  const own = kept.get(host) ?? make();
  kept.set(host, own);
  const call = {};
  last.set(host, call);
  const end = () => {
    if (last.get(host) !== call) return;
    if (host.isConnected) return void setTimeout(end, AGAIN);
    kept.delete(host);
    own.remove();
  };
  return [own, () => queueMicrotask(end)]; // React may take the element away just after
}

/**
 * The component of a class: one object for each element shows what each call gives it.
 * @template Data
 * @param {string} selector of the element
 * @param {new (host: HTMLElement, data: Data) => { tell: (name: string, value: any) => void, show: (data: Data) => unknown, remove: () => void }} Kind
 */
export function componentOf(selector, Kind) {
  return async (/** @type {{ data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: any) => void }} */ given) => {
    const host = /** @type {HTMLElement} */ (given.parentElement.querySelector(selector));
    const [own, end] = keptFor(host, () => new Kind(host, given.data));
    own.tell = given.setTriggerValue;
    await own.show(given.data);
    return end;
  };
}
