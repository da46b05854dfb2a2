// On a phone, the image of the dot that was tapped comes into view: it stands below the cloud.

const PHONE = "(max-width: 640px)";

export default function ({ data, parentElement }) {
  const before = parentElement.point;
  parentElement.point = data.point;
  if (before === undefined || before === data.point || !data.point || !matchMedia(PHONE).matches) return;
  document.querySelector(".st-key-point-image")?.scrollIntoView({ behavior: "smooth", block: "center" });
}
