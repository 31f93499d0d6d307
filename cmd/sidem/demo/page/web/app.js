// The page: keeps what the stream tells, draws it, and sends what the visitor does.
import { fill, h } from "./dom.js";
import { column, roster } from "./people.js";
import { clock, dock, guide, views } from "./desk.js";
import { ask, closeDialog, readFile } from "./dialog.js";

// state is what the stream told (parts, people) and what the visitor chose to see.
export const state = {
  parts: {},
  people: new Map(),
  seen: new Map(), // how much of each tab was looked at
  ringing: new Map(),
  tabs: {}, home: {}, mails: {}, mailView: {}, bodies: {}, toasts: {},
  view: "people", person: "lucía", dock: "line", request: "", call: "", folded: false,
};

const $ = (id) => document.getElementById(id);
const dirty = new Set();
let drawing = false;

// draw redraws what is named, or everything, at the next frame.
export function draw(...names) {
  for (const n of names.length ? names : ["*"]) dirty.add(n);
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    paint(new Set(dirty));
    dirty.clear();
  });
}

function paint(what) {
  const all = what.has("*");
  const held = document.activeElement?.closest?.(".person")?.dataset.key;
  document.body.dataset.view = state.view;
  if (all || what.has("clock")) fill($("clock"), clock(state));
  if (all || what.has("story") || what.has("faults")) fill($("guide"), guide(state));
  if (all || what.has("requests") || what.has("board") || what.has("calls")) fill($("dock"), dock(state));
  if (all || what.has("people") || what.has("story") || [...what].some((w) => w.startsWith("person:"))) paintPeople(what, all, held);
  fill($("views"), views(state));
  $("dock").classList.toggle("folded", state.folded);
  if (held && document.activeElement === document.body) {
    document.querySelector(`.person[data-key="${CSS.escape(held)}"] .scroll`)?.focus({ preventScroll: true });
  }
}

function paintPeople(what, all, held) {
  fill($("roster"), roster(state));
  const columns = $("columns");
  const keys = [...state.people.keys()];
  if (columns.children.length !== keys.length) fill(columns, keys.map((k) => h("article.person", { key: k })));
  for (const el of columns.children) {
    const key = el.dataset.key;
    if (!all && !what.has("people") && !what.has("story") && !what.has("person:" + key)) continue;
    const scroll = el.querySelector(".scroll");
    const atEnd = !scroll || scroll.dataset.key !== scroll.dataset.shown || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
    const person = state.people.get(key);
    el.className = "person" + (person.turn ? " turn" : "") + (person.begins ? " begins" : "") + (state.person === key ? " chosen" : "") +
      (state.parts.story?.acting === key ? " acting" : "");
    el.setAttribute("aria-label", person.name);
    fill(el, column(state, person));
    const now = el.querySelector(".scroll.chat");
    if (now && atEnd) now.scrollTop = now.scrollHeight;
    const s = el.querySelector(".scroll");
    if (s) s.dataset.shown = s.dataset.key;
    const modal = el.querySelector(".modal");
    if (modal && modal.dataset.key !== el.dataset.modal && (el.contains(document.activeElement) || (held === key && document.activeElement === document.body))) modal.querySelector("[data-ask]")?.focus();
    el.dataset.modal = modal?.dataset.key || "";
  }
}

// The stream.
function listen() {
  const source = new EventSource("events");
  source.onopen = () => { $("lost").hidden = true; };
  source.onerror = () => {
    $("lost").hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
  source.onmessage = (e) => {
    for (const { name, data } of JSON.parse(e.data)) take(name, data);
    document.body.dataset.ready = "yes";
  };
}

function take(name, data) {
  if (name.startsWith("person:")) {
    const before = state.people.get(data.key);
    state.people.set(data.key, data);
    for (const tab of data.tabs) news(data, before, tab);
  } else {
    if (name === "story") follow(data, state.parts.story);
    state.parts[name] = data;
  }
  draw(name);
}

// news keeps passing answers for a moment, and has the telephone ring.
function news(person, before, tab) {
  const old = before?.tabs.find((t) => t.on === tab.on);
  const id = person.key + "@" + tab.on;
  if (before && tab.toast && tab.toast.id !== old?.toast?.id) {
    state.toasts[id] = tab.toast;
    if (!tab.toast.alert) {
      setTimeout(() => {
        if (state.toasts[id] === tab.toast) delete state.toasts[id];
        draw("person:" + person.key);
      }, 6000);
    }
  }
  const ring = tab.calls?.[0];
  if (before && ring?.in && ring.id !== old?.calls?.[0]?.id) {
    state.ringing.set(person.key, ring);
    setTimeout(() => {
      if (state.ringing.get(person.key) === ring) state.ringing.delete(person.key);
      draw("person:" + person.key);
    }, 12000);
  }
}

// follow brings whoever acts into view while a step is done for the visitor.
function follow(story, before) {
  if (!story.acting || (story.acting === before?.acting && story.actingOn === before?.actingOn && story.press === before?.press)) return;
  state.tabs[story.acting] = story.actingOn;
  state.home[story.acting] = false;
  state.person = story.acting;
  requestAnimationFrame(() => reveal(story.acting));
}

export function reveal(key) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(`.person[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "nearest", inline: "nearest" });
}

// send posts and reports whether it was taken; what went wrong is said.
export async function send(path, body) {
  try {
    const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (r.ok) return true;
    say(await r.text());
  } catch {
    say("No hubo respuesta de la demostración. Intente de nuevo.");
  }
  return false;
}

let saying = 0;
function say(text) {
  fill($("note"), h("p", null, text), h("button", { type: "button", do: "hush" }, "Cerrar"));
  clearTimeout(saying);
  saying = setTimeout(() => fill($("note")), 10000);
}

const control = (c) => send("control", c);

// What buttons do, by their data-do; arg is their data-arg.
const doings = {
  hush: () => fill($("note")),
  step: () => control({ what: "step" }),
  all: () => control({ what: "all" }),
  reset: async () => {
    if (await ask({ title: "Empezar de nuevo", text: "La solicitud y los mensajes de esta historia se descartan.", yes: "Empezar de nuevo", no: "Regresar" })) await control({ what: "reset" });
  },
  detour: async (d) => {
    if (await ask({ title: d.title, text: d.how + " La historia actual se descarta y empieza esta otra, paso a paso.", yes: "Recorrer este desvío", no: "Regresar" })) await control({ what: "detour", name: d.name });
  },
  next: () => control({ what: "next" }),
  day: () => control({ what: "day" }),
  goto: async () => {
    const v = await ask({ title: "Ir a una fecha", text: "El reloj avanza hasta ese momento; lo que toque en el camino sale a su hora.", field: { label: "Día y hora", type: "datetime-local", value: state.parts.clock.at, min: state.parts.clock.at }, yes: "Ir", no: "Regresar" });
    if (v) await control({ what: "goto", to: v.slice(0, 16) });
  },
  off: async () => {
    const v = await ask({ title: "Estuvo apagado", text: "El servicio se detiene, pasan los días que indique y vuelve a arrancar.", field: { label: "Días naturales", type: "number", value: "5", min: "1", max: "60" }, yes: "Apagar y volver", no: "Regresar" });
    if (v) await control({ what: "off", days: Number(v) });
  },
  fault: (f, el) => control({ what: "fault", name: f.name, on: f.on, person: el.closest(".fault").querySelector("select")?.value || "" }),
  view: (v) => { state.view = v; draw(); },
  dock: (v) => { state.dock = v; state.folded = false; draw(); },
  fold: () => { state.folded = !state.folded; draw(); },
  request: (id) => { state.request = id; draw("requests"); },
  call: async (id) => {
    state.call = state.call === id ? "" : id;
    draw("calls");
    if (state.call && (await body("look/call/" + id, "call:" + id))) draw("calls");
  },
  person: (key) => {
    state.person = key;
    draw("people");
    requestAnimationFrame(() => reveal(key));
  },
  seek: (key) => { // the newest card with something to decide
    state.tabs[key] = state.people.get(key).tabs[0].on;
    state.home[key] = false;
    draw("person:" + key);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const knobs = document.querySelectorAll(`.person[data-key="${CSS.escape(key)}"] .chat :is(.knob, .pick)`);
      const newest = [...knobs].findLast((k) => k.matches(".primary, .pick"))?.closest(".message"); // its ⋯ comes after what it is about
      const first = newest?.querySelector(".knob.primary") || newest?.querySelector(".pick") || knobs[knobs.length - 1];
      first?.closest(".message").scrollIntoView({ block: "nearest" });
      (first?.matches(".pick") ? first.firstChild : first)?.focus({ preventScroll: true });
    }));
  },
  tab: ({ person, on }) => {
    state.tabs[person] = on;
    if (on === "teléfono") state.ringing.delete(person);
    draw("person:" + person);
  },
  room: async ({ person, on, home }) => {
    state.home[person] = home;
    draw("person:" + person);
    if (home) await send("act", { person, on, what: "home" });
  },
  mail: async ({ person, id }) => {
    state.mails[person] = id;
    draw("person:" + person);
    if (id && (await body("look/mail/" + id, "mail:" + id))) draw("person:" + person);
  },
  mailView: ({ person, view }) => { state.mailView[person] = view; draw("person:" + person); },
  start: async ({ person, text }) => {
    state.tabs[person] = "telegram";
    await send("act", { person, on: "telegram", what: "say", text });
    draw("person:" + person);
  },
  press: async (a) => {
    if (a.confirm && !(await ask({ title: a.confirm.title, text: a.confirm.text, yes: a.confirm.yes, no: a.confirm.no }))) return;
    await send("act", { person: a.person, on: a.on, what: "press", message: a.message, button: a.button });
  },
  pick: (a, el) => {
    el.closest("details").open = false;
    return send("act", { ...a, what: "pick" });
  },
  word: (a, el) => {
    el.closest("details").open = false;
    return send("act", { person: a.person, on: a.on, what: "say", text: a.text });
  },
  attach: async (a) => {
    const f = await ask({ title: "Enviar un archivo", text: "Elija uno suyo; si no elige, se envía un documento de ejemplo.", field: { label: "Archivo", type: "file" }, yes: "Enviar", no: "Regresar" });
    if (f !== null) await send("act", { person: a.person, on: a.on, what: "attach", file: f || { name: "documento.pdf" } });
  },
  dismiss: (a) => send("act", { ...a, what: "dismiss" }),
  hushToast: ({ id, person }) => { delete state.toasts[id]; draw("person:" + person); },
};

async function body(path, key) {
  const r = await fetch(path);
  if (!r.ok) return say(await r.text());
  state.bodies[key] = await r.json();
  return true;
}

document.addEventListener("click", async (e) => {
  const el = e.target.closest?.("[data-do]");
  if (!el || el.disabled) return;
  el.setAttribute("aria-busy", "true");
  await doings[el.dataset.do](JSON.parse(el.dataset.arg || "null"), el);
  el.removeAttribute("aria-busy");
});

document.addEventListener("submit", async (e) => {
  e.preventDefault();
  const form = e.target;
  if (form.classList.contains("whatif")) {
    if (await body("look/whatif/" + encodeURIComponent(new URLSearchParams(new FormData(form))), "whatif")) draw("board");
    return;
  }
  const a = JSON.parse(form.dataset.arg);
  if (form.classList.contains("composer")) {
    const text = form.elements.text.value;
    if (!text.trim()) return;
    form.elements.text.value = "";
    if (!(await send("act", { person: a.person, on: a.on, what: "say", text }))) form.elements.text.value = text;
    return;
  }
  await send("act", { person: a.person, on: a.on, what: "submit", ...(await answers(form)) });
});

// answers are those of a form, by the labels of its questions.
async function answers(form) {
  const values = {}, files = {};
  for (const el of form.querySelectorAll("[data-ask]")) {
    const label = el.dataset.ask;
    if (el.type === "file") {
      const own = el.files[0] && (await readFile(el.files[0]));
      const sample = el.closest(".ask").querySelector("[data-sample]").checked;
      if (own || sample) files[label] = own || { name: "documento.pdf" };
    } else if (el.type === "checkbox") {
      if (el.checked) values[label] = (values[label] ? values[label] + "\n" : "") + el.value;
    } else values[label] = el.value;
  }
  return { values, files };
}

document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.shiftKey && e.target.matches?.(".composer textarea")) {
    e.preventDefault();
    e.target.form.requestSubmit();
  }
  if (e.key === "Escape" && !closeDialog()) {
    const unfolded = e.target.closest?.("details.menu[open]");
    if (unfolded) {
      unfolded.open = false;
      unfolded.querySelector("summary").focus();
      return;
    }
    e.target.closest?.(".modal")?.querySelector("[data-do=dismiss]")?.click();
  }
  if ((e.key === "ArrowRight" || e.key === "ArrowLeft") && e.target.matches?.("[role=tab]")) {
    const tabs = [...e.target.parentElement.querySelectorAll("[role=tab]")];
    const next = tabs[(tabs.indexOf(e.target) + (e.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    next.focus();
    next.click();
  }
});

document.addEventListener("toggle", (e) => {
  if (!e.target.matches?.("details.menu") || !e.target.open) return;
  for (const d of document.querySelectorAll("details.menu[open]")) if (d !== e.target) d.open = false;
}, true);

history.replaceState(null, "", location.pathname); // the key stays out of sight
listen();
