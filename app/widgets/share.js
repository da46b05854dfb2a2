// Says when the address has changed since the link was written: a zoom or a frame goes into it without a run of the page.

const CLOCK = 300; // ms
const WAIT = 600; // ms that an address stays before it is told: what put it there tells the program something, too
const AGAIN = 2000; // ms after which it is told once more: the program may have been busy and missed it
const MOST = 5; // times: there may be parameters that the program does not know

const sorted = (query) => {
  const found = new URLSearchParams(query);
  found.sort();
  return found.toString();
};

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector("span");
  place.forget?.();
  const look = () => {
    const [here, now] = [sorted(window.location.search), performance.now()];
    if (here !== place.here) Object.assign(place, { here, times: 0, next: now + WAIT });
    if (here === sorted(data.query) || now < place.next || place.times === MOST) return;
    Object.assign(place, { times: place.times + 1, next: now + AGAIN });
    setTriggerValue("changed", here);
  };
  const clock = setInterval(look, CLOCK);
  look();
  const forget = () => clearInterval(clock);
  place.forget = forget;
  return forget; // its own: a call may end after the next one has come
}
