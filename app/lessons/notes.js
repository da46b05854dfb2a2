// The lecturer's notes follow the lesson, which is in another window, and send a clicker's keys to that window.

const CHANNEL = "ibinn-lessons"; // the same as in navigation.js
const DIRECTIONS = { PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1 };

export default function ({ data, parentElement, setTriggerValue }) {
  const span = parentElement.querySelector("span");
  span.listening?.abort(); // this function runs again with each change, and only the last call may listen
  const listening = new AbortController(); // local, because this call may end after the next call has started
  span.listening = listening;
  const { signal } = listening;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data: { place } }) => {
    if (place && (place.lesson !== data.lesson || place.step !== data.step)) setTriggerValue("place", place);
  };
  const listen = (event) => {
    const turn = DIRECTIONS[event.key];
    if (!turn || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) channel.postMessage({ turn });
  };
  document.addEventListener("keydown", listen, { capture: true, signal });
  span.dataset.listens = true;
  signal.addEventListener("abort", () => channel.close());
  return () => listening.abort();
}
