// The people: what each of them sees, and can do.
import { h, icon } from "./dom.js";
import { answerable, blocks } from "./message.js";

const person = (state, key) => state.people.get(key);
export const firstName = (p) => p.name.split(" ")[0];
const tabOf = (state, p) => p.tabs.find((t) => t.on === state.tabs[p.key]) || p.tabs[0];
const size = (t) => (t.messages?.length || 0) + (t.mails?.length || 0) + (t.calls?.length || 0);

// unread is how much of a tab has come since it was looked at.
function unread(state, p, t) {
  const id = p.key + "@" + t.on;
  if (!state.seen.has(id) || t === tabOf(state, p)) state.seen.set(id, size(t));
  if (size(t) < state.seen.get(id)) state.seen.set(id, size(t));
  return size(t) - state.seen.get(id);
}

// roster is the row of names: whose turn it is stands out.
export function roster(state) {
  return [...state.people.values()].map((p) =>
    h("button.chip" + (p.turn || p.begins ? ".turn" : "") + (state.person === p.key ? ".chosen" : ""), { type: "button", do: "person", arg: p.key, key: p.key, "aria-pressed": String(state.person === p.key) },
      h("span.name", null, firstName(p)),
      h("span.what", null, p.turn ? "Le toca" : p.begins ? "Empieza" : p.role.match(/^(Persona )?\S+/)[0])));
}

export function column(state, p) {
  const tab = tabOf(state, p);
  const ring = state.ringing.get(p.key);
  return [
    h("header.who", null,
      h("span.face", { "aria-hidden": "true" }, p.name.split(" ").slice(0, 2).map((w) => w[0]).join("")),
      h("div", null,
        h("h2", null, p.name),
        h("p.post", null, p.post + (p.agency ? " · " + p.agency : "")))),
    p.turn
      ? h("button.due", { type: "button", do: "seek", arg: p.key, title: "Ver la tarjeta" }, h("strong", null, "Le toca: "), p.turn.join(" · "))
      : h("p.due" + (p.begins ? ".begins" : ""), null, p.begins || "En espera de otras personas"),
    h("div.tabs", { role: "tablist", "aria-label": "Lo que tiene " + firstName(p) }, p.tabs.map((t) => {
      const n = unread(state, p, t);
      return h("button", { type: "button", role: "tab", "aria-selected": String(t === tab), do: "tab", arg: { person: p.key, on: t.on }, key: t.on },
        t.title, n > 0 && h("span.count", { "aria-label": n + " sin ver" }, n));
    })),
    ring && h("button.ring", { type: "button", do: "tab", arg: { person: p.key, on: "teléfono" } },
      h("span.bell", { "aria-hidden": "true" }), h("span", null, h("strong", null, "Suena el teléfono"), h("br"), ring.with + (ring.number ? " · " + ring.number : ""))),
    h("div.place." + tab.on.normalize("NFD").replace(/[^a-z]/g, ""), { key: tab.on, role: "tabpanel" }, place(state, p, tab)),
  ];
}

function place(state, p, tab) {
  if (tab.on === "correo") return mailbox(state, p, tab);
  if (tab.on === "teléfono") return telephone(tab);
  return chat(state, p, tab);
}

function chat(state, p, tab) {
  const id = p.key + "@" + tab.on;
  const toast = state.toasts[id];
  const who = { person: p.key, on: tab.on };
  const home = tab.on === "slack" && !!state.home[p.key];
  return [
    !tab.linked && h("p.hint", { key: "hint" }, tab.on === "telegram"
      ? "Este chat todavía no está vinculado. El correo de activación trae el enlace y la palabra que se escribe aquí."
      : "Este Slack todavía no está vinculado. El correo de activación trae la palabra que se escribe aquí."),
    tab.blocked && h("p.hint", { key: "blocked" }, "Esta persona bloqueó al bot. Si escribe, lo desbloquea."),
    tab.on === "slack" && h("div.segments.rooms", { key: "rooms", role: "group", "aria-label": "Qué se ve de Slack" },
      h("button", { type: "button", "aria-pressed": String(!home), do: "room", arg: { ...who, home: false } }, "Mensajes"),
      h("button", { type: "button", "aria-pressed": String(home), do: "room", arg: { ...who, home: true } }, "Inicio")),
    home ? h("div.scroll.home", { tabindex: "0", "aria-label": "Inicio de la aplicación", key: "home" },
      tab.home ? h("div.message", null, blocks(tab.home, knob(state, { ...who, message: "home" }))) : h("p.empty", null, "Todavía no hay nada en el inicio.")) :
    h("div.scroll.chat", { tabindex: "0", role: "log", "aria-label": tab.title + " de " + firstName(p), key: tab.on },
      (tab.messages || []).map((m) => message(state, p, tab, m)),
      !tab.messages && h("p.empty", null, "Aquí aparecerán los mensajes.")),
    toast && h("div.toast" + (toast.alert ? ".alert" : ""), { role: "status", key: "toast" }, h("p", null, toast.text),
      h("button", { type: "button", do: "hushToast", arg: { id, person: p.key }, "aria-label": "Cerrar el aviso" }, "Cerrar")),
    composer(tab, who),
    tab.form && modal(tab.form, who, p),
  ];
}

function composer(tab, who) {
  return h("form.composer", { arg: who, key: "composer", autocomplete: "off" },
    tab.words && h("details.menu", { key: "words" },
      h("summary", { "aria-label": "Palabras que entiende SIDEM", title: "Palabras que entiende SIDEM" }, icon("M4 7h16M4 12h16M4 17h10")),
      h("div.options", null, tab.words.map((w) =>
        h("button", { type: "button", do: "word", arg: { ...who, text: w.word } }, h("strong", null, w.word), h("span", null, w.does))))),
    h("textarea", { name: "text", rows: "1", "aria-label": "Escribir en " + tab.title, placeholder: "Escriba aquí" }),
    h("button.icon", { type: "button", do: "attach", arg: who, "aria-label": "Enviar un archivo", title: "Enviar un archivo" },
      icon("M19 11.5l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l7.9-7.9a3 3 0 0 1 4.3 4.3l-7.8 7.8a1.5 1.5 0 0 1-2.1-2.1l7-7")),
    h("button.primary", { type: "submit" }, "Enviar"));
}

function message(state, p, tab, m) {
  const kind = (m.mine ? ".mine" : "") + (m.private ? ".private" : "") + (m.failed ? ".failed" : "") + (m.under ? ".under" : "");
  const at = m.at && h("span.at", null, m.edits ? m.at + " · actualizado" : m.at);
  return h("div.message" + kind, { key: m.id },
    tab.on === "slack" && h("span.from", null, m.mine ? p.name : m.failed ? "Slack" : "SIDEM", at),
    m.answers && h("p.answers", null, (tab.on === "slack" ? "En el hilo de: " : "En respuesta a: ") + m.answers),
    m.private && h("p.answers", null, "Solo usted ve este mensaje"),
    blocks(m.blocks, knob(state, { person: p.key, on: tab.on, message: m.id }), file(p.key, tab.on)),
    tab.on !== "slack" && at);
}

// file makes the links that open the files of a tab.
const file = (key, on) => (f) => h("a.file", { href: ["file", key, on, f.id].map(encodeURIComponent).join("/"), target: "_blank", rel: "noopener", key: f.id },
  icon("M14 3H6v18h12V7zM14 3v4h4"), h("span", null, f.name), h("span.size", null, f.size));

// knob makes the buttons and menus of a message.
function knob(state, where) {
  const story = state.parts.story || {};
  return (k) => {
    const pressed = story.acting === where.person && story.actingOn === where.on && (story.press === k.label || k.options?.includes(story.press));
    const look = (k.style ? "." + k.style : "") + (k.more ? ".more" : "") + (pressed ? ".pressed" : "");
    if (k.options) {
      return h("details.menu.pick" + look, { key: k.id }, h("summary", null, k.label || (k.more ? "Más" : "Elegir")),
        h("div.options", null, k.options.map((o) => h("button", { type: "button", do: "pick", arg: { ...where, button: k.label, option: o } }, o))));
    }
    if (k.link) return h("button.knob" + look, { type: "button", disabled: true, title: "Abre " + k.link }, k.label);
    return h("button.knob" + look, { type: "button", do: "press", arg: { ...where, button: k.id, confirm: k.confirm }, key: k.id }, k.label);
  };
}

function modal(form, who, p) {
  return h("form.modal", { role: "dialog", "aria-label": form.title, arg: who, key: form.id, autocomplete: "off", novalidate: true },
    h("header", null, h("h3", null, form.title), h("button", { type: "button", do: "dismiss", arg: who }, form.asks ? "Regresar" : "Cerrar")),
    h("div.scroll", { tabindex: "0", key: form.id },
      form.text && blocks(form.text, () => null),
      form.asks?.map((a, i) => answerable(a, p.key + "-" + i))),
    form.asks && h("footer", null, h("button.primary", { type: "submit" }, form.submit || "Enviar")));
}

const mailViews = [["html", "Correo"], ["text", "Texto"], ["dark", "Oscuro"], ["narrow", "Angosto"], ["source", "Fuente"]];

function mailbox(state, p, tab) {
  const open = tab.mails?.find((m) => m.id === state.mails[p.key]);
  if (!open) {
    return h("div.scroll.inbox", { tabindex: "0", "aria-label": "Correo de " + firstName(p), key: "inbox" },
      (tab.mails || []).map((m) => h("button.mail", { type: "button", do: "mail", arg: { person: p.key, id: m.id }, key: m.id },
        h("strong", null, m.subject), h("span.intro", null, m.intro), h("span.at", null, m.at))),
      !tab.mails && h("p.empty", null, "No ha llegado ningún correo."));
  }
  const view = state.mailView[p.key] || "html";
  const body = state.bodies["mail:" + open.id];
  return [
    h("div.letter", { key: "letter" },
      h("div.views-of", null,
        h("button.icon", { type: "button", do: "mail", arg: { person: p.key, id: "" }, title: "Bandeja de entrada" }, icon("M15 5l-7 7 7 7"), h("span.sr", null, "Bandeja de entrada")),
        h("div.segments", { role: "group", "aria-label": "Cómo se ve el correo" }, mailViews.map(([v, label]) =>
          h("button", { type: "button", "aria-pressed": String(v === view), do: "mailView", arg: { person: p.key, view: v } }, label)))),
      h("h3", null, open.subject),
      h("p.at", null, "De " + open.from + " · " + open.at),
      open.files?.length && h("p.files", null, open.files.map(file(p.key, "correo"))),
      open.start && p.tabs[0].on === "telegram" && h("button.primary", { type: "button", do: "start", arg: { person: p.key, text: "/start " + open.start } }, "Abrir el enlace en Telegram")),
    view === "text" || view === "source"
      ? h("pre.scroll", { tabindex: "0", key: view }, body ? (view === "text" ? body.text : body.source) : "Cargando…")
      : h("iframe." + view, { key: open.id + view, sandbox: "", title: "Correo: " + open.subject, src: "mail/" + open.id + (view === "dark" ? "?oscuro" : "") }),
  ];
}

function telephone(tab) {
  return h("div.scroll.calls", { tabindex: "0", "aria-label": "Teléfono", key: "calls" },
    (tab.calls || []).map((c) => h("div.call" + (c.reached ? ".reached" : ""), { key: c.id },
      h("strong", null, (c.in ? "Llamó " : "A ") + c.with), h("span", null, c.number), h("span", null, c.result), h("span.at", null, c.at))),
    !tab.calls && h("p.empty", null, "Sin llamadas. Al emitirse el dictamen, quien lo elaboró llama a quien solicita."));
}
