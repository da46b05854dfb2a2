// The form with the settings of data and network. Its fields have the same names as in a link.

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/** @param {HTMLFormElement} form */
const fieldsOf = (form) => /** @type {Field[]} */ ([...form.querySelectorAll("[name]")]);

/**
 * @param {HTMLFormElement} form
 * @param {(name: string, value: string | number) => void} set called with each valid value
 * @param {() => void} done called when the user leaves a field
 */
export function listenToSettings(form, set, done) {
  for (const field of fieldsOf(form)) {
    field.oninput = () => {
      if (field.value !== "" && field.validity.valid) set(field.name, field.name === "kind" ? field.value : Number(field.value));
    };
    field.onchange = done;
  }
}

/** Updates the form. @param {HTMLFormElement} form @param {Record<string, any>} chosen */
export function showSettings(form, chosen) {
  for (const field of fieldsOf(form)) {
    const value = String(chosen[field.name]);
    if (field.value !== value) field.value = value;
    if (field.nextElementSibling) field.nextElementSibling.textContent = value;
  }
}
