// Functions that create and find HTML elements.

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any>} [attributes] attributes, and event handlers such as `onclick`
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") Reflect.set(made, key, value);
    else made.setAttribute(key, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * Creates an element with HTML inside.
 * @param {keyof HTMLElementTagNameMap} name
 * @param {string} html trusted HTML: it is not escaped
 * @param {Record<string, any>} [attributes]
 */
export function written(name, html, attributes = {}) {
  const made = element(name, attributes);
  made.innerHTML = html;
  return made;
}

/** A function that finds an element of the host by its data attribute. @param {ParentNode} host @returns {(name: string) => any} */
export const finder = (host) => (name) => host.querySelector(`[data-${name}]`);
