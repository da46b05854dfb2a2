// Says when the address has changed since the link was written: a zoom or a frame goes into it without a run of the page.

const CLOCK = 300; // ms

const sorted = (query) => {
  const found = new URLSearchParams(query);
  found.sort();
  return found.toString();
};

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector("span");
  place.forget?.();
  const look = () => {
    const here = sorted(window.location.search);
    if (here === sorted(data.query) || here === place.told) return;
    place.told = here;
    setTriggerValue("changed", here);
  };
  const clock = setInterval(look, CLOCK);
  look();
  place.forget = () => clearInterval(clock);
  return () => place.forget();
}
