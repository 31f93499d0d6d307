// What the page needs of a framework: making elements of text, and changing what
// is there into what it should be, so that focus and what is typed stay.

// h makes an element: h("button.primary", {do: "step"}, "Texto", other). Strings
// become text nodes, never markup. Keys do, arg and key become data-attributes.
export function h(spec, attrs, ...children) {
  const [tag, ...classes] = spec.split(".");
  const el = document.createElement(tag || "div");
  if (classes.length) el.className = classes.join(" ");
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "do" || name === "key") el.dataset[name] = value;
    else if (name === "arg") el.dataset.arg = JSON.stringify(value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  append(el, children);
  return el;
}

function append(el, children) {
  for (const c of children) {
    if (Array.isArray(c)) append(el, c);
    else if (c instanceof Node) el.append(c);
    else if (c !== null && c !== undefined && c !== false) el.append(document.createTextNode(String(c)));
  }
}

// icon is a small drawing beside or instead of a word.
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const d = document.createElementNS("http://www.w3.org/2000/svg", "path");
  d.setAttribute("d", path);
  svg.append(d);
  return svg;
}

// fill changes the children of el into the given ones.
export function fill(el, ...children) {
  const fresh = document.createElement("div");
  append(fresh, children);
  morphChildren(el, fresh);
}

const keyOf = (n) => (n.nodeType === Node.ELEMENT_NODE ? n.dataset.key || "" : "");
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

function morph(live, fresh) {
  if (live.nodeType === Node.TEXT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  morphAttributes(live, fresh);
  if (live.nodeName !== "TEXTAREA") morphChildren(live, fresh);
  else if (live.defaultValue !== fresh.defaultValue) live.defaultValue = fresh.defaultValue;
}

// What a person did to an element is theirs: whether it is unfolded, and what they typed.
function morphAttributes(live, fresh) {
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") live.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
}

function morphChildren(live, fresh) {
  const keyed = new Map();
  for (const c of live.children) if (keyOf(c)) keyed.set(keyOf(c), c);
  let at = live.firstChild;
  for (const want of [...fresh.childNodes]) {
    const known = keyOf(want) && keyed.get(keyOf(want));
    if (known && known !== at && alike(known, want)) {
      live.insertBefore(known, at);
      morph(known, want);
      continue;
    }
    if (at && alike(at, want)) {
      const next = at.nextSibling;
      morph(at, want);
      at = next;
      continue;
    }
    live.insertBefore(want, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// whole keeps an hour in one piece: "09:00 h".
export const whole = (text) => text.replace(/(\d\d:\d\d) h/g, "$1\u00a0h");
