// Keeps the state of a Streamlit component for as long as its element exists. Streamlit calls a component after each
// change. Each call returns a function, with which Streamlit ends this call. Streamlit may end an earlier call although
// the element stays, so only the last call may remove the state. Even after this end, a new call may start. So the
// state stays until the element has left the page.

const AGAIN = 100; // ms before the next check whether the element has left the page

/** @type {WeakMap<Element, () => void>} the function that ends the last call for each element */
const last = new WeakMap();
/** @type {WeakMap<Element, any>} the state of each element */
const kept = new WeakMap();

/**
 * Makes a component from a class. Each element has one object of the class, and the object shows the data of each call.
 * @template Data
 * @param {string} selector selector of the element
 * @param {new (host: HTMLElement, data: Data) => { tell: (name: string, value: any) => void, show: (data: Data) => unknown, remove: () => void }} Kind
 */
export function componentOf(selector, Kind) {
  return async (/** @type {{ data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: any) => void }} */ given) => {
    const host = /** @type {HTMLElement} */ (given.parentElement.querySelector(selector));
    const own = kept.get(host) ?? new Kind(host, given.data);
    kept.set(host, own);
    const end = () => {
      if (last.get(host) !== end) return;
      if (host.isConnected) return void setTimeout(end, AGAIN);
      kept.delete(host);
      own.remove();
    };
    last.set(host, end);
    own.tell = given.setTriggerValue;
    await own.show(given.data);
    return () => queueMicrotask(end); // React may remove the element right after this call
  };
}
