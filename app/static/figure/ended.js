// When a component of Streamlit's ends. Streamlit calls a component with each change. Where a call is overtaken by the
// next one before it has answered, Streamlit ends the earlier one, though the element goes on: what its call returned
// must then take nothing away. The next call may not have begun by then, so that the last one ends with its element.

const AGAIN = 100; // ms after which an element that was still there is looked for again

/** @type {WeakMap<Element, object>} the last call for each element */
const last = new WeakMap();

/**
 * What a call returns to Streamlit.
 * @param {Element} host of the component; asked for at the beginning of each call
 * @param {() => void} remove called when the last call of the element ends
 */
export function whenEnded(host, remove) {
  const call = {};
  last.set(host, call);
  const end = () => {
    if (last.get(host) !== call) return;
    if (host.isConnected) setTimeout(end, AGAIN);
    else remove();
  };
  return () => queueMicrotask(end); // React may take the element away just after
}
