// Makes elements without markup: attributes are set by name, text is always text. Pages that forbid inline styles,
// scripts and markup from strings (CSP, Trusted Types) have nothing to object to.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 5v-5.2A2.5 2.5 0 0 1 4 13.4z",
  help: "M8.5 9a3.5 3.5 0 1 1 5.3 3c-1.2.7-1.8 1.4-1.8 2.7M12 18.6v.1",
  spark: "M12 3l2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z",
  close: "M6 6l12 12M18 6 6 18",
  send: "M12 19V5m0 0-6 6m6-6 6 6",
  stop: "M7 7h10v10H7z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "m5 12.5 4.5 4.5L19 7.5",
  up: "M7 11v9H4v-9zM7 11l4-8a2 2 0 0 1 2 2v4h5.5a1.5 1.5 0 0 1 1.5 1.8l-1.3 7A1.5 1.5 0 0 1 17.2 19H7",
  retry: "M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5",
  back: "M15 5l-7 7 7 7",
  alert: "M12 3.5 2.5 20h19zM12 10v4.5m0 2.7v.1",
};

// Pictures that are others upside down; the style sheet turns them.
const TURNED = { down: "up", latest: "send" };

/** Make an element. Attributes that are functions listen (`onclick`), `true` stands alone, false and null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[TURNED[name] ?? name]);
  picture.append(path);
  return picture;
}

/** Make a button with an icon, named by its label. */
export function iconButton(name, label, onclick, attributes = {}) {
  const named = { type: "button", class: "icon-button", "data-icon": name, "aria-label": label, title: label, onclick };
  return h("button", { ...named, ...attributes }, icon(name));
}
