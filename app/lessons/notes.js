// The notes follow the lesson that another window of this browser shows, and hand the keys of a clicker on to it.

const CHANNEL = "ibinn-lessons"; // as navigation.js has it
const DIRECTIONS = { PageDown: 1, PageUp: -1 };

export default function ({ data, parentElement, setTriggerValue }) {
  const span = parentElement.querySelector("span");
  span.listening?.abort(); // this function runs again with each change, and only the last one listens
  const listening = new AbortController(); // of this call, which may end after the next one has come
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
  signal.addEventListener("abort", () => channel.close());
  return () => listening.abort();
}
