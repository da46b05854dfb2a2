// The notes follow the lesson that another window of this browser shows, and hand the keys of a clicker on to it.

const CHANNEL = "ibinn-lessons"; // as navigation.js has it
const DIRECTIONS = { PageDown: 1, PageUp: -1 };

export default function ({ data, parentElement, setTriggerValue }) {
  const span = parentElement.querySelector("span");
  span.forget?.(); // this function runs again with each change, and only the last one listens
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
  document.addEventListener("keydown", listen, true);
  const forget = () => {
    document.removeEventListener("keydown", listen, true);
    channel.close();
  };
  span.forget = forget;
  return forget; // its own: a call may end after the next one has come
}
