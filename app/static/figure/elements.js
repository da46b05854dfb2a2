// HTML elements, made in one line.

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any>} [attributes] and functions, such as `onclick`
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
 * An element around HTML of ours.
 * @param {keyof HTMLElementTagNameMap} name
 * @param {string} html
 * @param {Record<string, any>} [attributes]
 */
export function written(name, html, attributes = {}) {
  const made = element(name, attributes);
  made.innerHTML = html;
  return made;
}

/** Finds what lies in an element by a data attribute. @param {ParentNode} host @returns {(name: string) => any} */
export const finder = (host) => (name) => host.querySelector(`[data-${name}]`);
