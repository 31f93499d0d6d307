// What surrounds the people: the clock, the guide with its faults, and the request from inside.
import { h, whole } from "./dom.js";
import { blocks } from "./message.js";

// wide is what a narrow window leaves to those who listen.
const wide = (text) => h("span.wide", null, text);

export function clock(state) {
  const c = state.parts.clock;
  if (!c) return h("p", null, "Preparando la demostración…");
  return [
    h("p.now", null, h("span.day", null, whole(c.now)), h("span.open" + (c.open ? ".yes" : ""), null, c.open ? "Horario de oficina" : "Fuera de horario")),
    h("div.buttons", null,
      h("button", { type: "button", do: "next", disabled: !c.next, "aria-describedby": "coming" }, "Siguiente", wide(" evento")),
      h("button", { type: "button", do: "day" }, "+ 1 día", wide(" hábil")),
      h("button", { type: "button", do: "goto" }, "Ir a", wide(" una"), " fecha"),
      h("button", { type: "button", do: "off" }, wide("Estuvo "), h("span.tail", null, "apagado"))),
    h("p.coming", { id: "coming" }, c.next ? [h("strong", null, "Sigue: "), c.next + ". " + c.nextAt[0].toUpperCase() + whole(c.nextAt.slice(1)) + "."] : "Sin avisos pendientes."),
  ];
}

const check = (s) => h("span.mark" + (s.done ? ".done" : s.next ? ".next" : ""), { "aria-hidden": "true" }, s.done ? "" : s.n);

export function guide(state) {
  const s = state.parts.story;
  if (!s) return [];
  const going = !!s.playing;
  const done = s.steps.filter((x) => x.done).length;
  return [
    h("div.lead", { key: "lead" },
      h("h2", null, "Los ocho pasos"),
      h("progress", { max: "8", value: String(done), "aria-label": done + " de 8 pasos" }),
      h("p", null, done === 8
        ? "Concluyó el trámite. Abajo están su línea de tiempo, su bitácora y cada llamada que se hizo."
        : "Use los botones de cada persona, o deje que se presionen por usted."),
      h("div.buttons", null,
        done < 8 && h("button.primary", { type: "button", do: "all", disabled: going, key: "all" }, "Recorrer todo solo"),
        h("button" + (done < 8 ? "" : ".primary"), { type: "button", do: "reset", disabled: going, key: "reset" }, "Empezar de nuevo"))),
    h("p.playing" + (going ? ".on" : ""), { role: "status", key: "playing" }, s.playing || ""),
    s.trouble && h("p.trouble", { role: "alert", key: "trouble" }, s.trouble),
    h("ol.steps", { key: "steps" }, s.steps.map((x) => h("li" + (x.done ? ".done" : x.next ? ".next" : ""), { key: "s" + x.n }, check(x),
      h("div", null,
        h("h3", null, x.name, h("span.sr", null, x.done ? ", hecho" : x.next ? ", sigue" : "")),
        x.done ? h("p.at", null, whole(x.done)) : h("p", null, x.what),
        x.next && h("button", { type: "button", do: "step", disabled: going }, "Hacerlo por mí"))))),
    h("h2", { key: "h-detours" }, "Desvíos"),
    h("ul.detours", { key: "detours" }, s.detours.map((d) => h("li" + (d.done ? ".done" : ""), { key: d.name },
      h("h3", null, d.title, d.done && h("span.at", null, " · visto")),
      h("p", null, whole(d.done || "") || d.how),
      h("button", { type: "button", do: "detour", arg: d, disabled: going }, "Recorrer este desvío")))),
    h("h2", { key: "h-faults" }, "Fallas"),
    h("ul.faults", { key: "faults" }, (state.parts.faults || []).map((f) => fault(f, going))),
  ];
}

function fault(f, going) {
  const busy = going && f.name === "corte";
  return h("li.fault" + (f.on ? ".on" : ""), { key: f.name },
    h("h3", null, f.title),
    h("p", null, f.expect),
    f.hits > 0 && h("p.at", null, f.hits === 1 ? "Ocurrió 1 vez." : "Ocurrió " + f.hits + " veces."),
    h("div.buttons", null,
      f.whom && h("select", { "aria-label": "A quién: " + f.title }, f.whom.map((w) => h("option", { value: w.key }, w.name))),
      f.switch
        ? h("button", { type: "button", do: "fault", arg: { name: f.name, on: !f.on }, "aria-pressed": String(f.on) }, f.on ? "Quitar" : "Provocar")
        : h("button", { type: "button", do: "fault", arg: { name: f.name, on: true }, disabled: busy }, f.on ? "En espera" : "Provocar")));
}

const docks = [["line", "Línea de tiempo"], ["trail", "Bitácora"], ["board", "Tablero"], ["calls", "Llamadas"]];

export function dock(state) {
  const requests = state.parts.requests || [];
  const r = requests.find((x) => x.id === state.request) || requests[0];
  const show = { line: () => line(r), trail: () => trail(r), board: () => board(state), calls: () => calls(state) };
  return [
    h("div.head", { key: "head" },
      h("div.tabs", { role: "tablist", "aria-label": "La solicitud por dentro" }, docks.map(([name, label]) =>
        h("button", { type: "button", role: "tab", "aria-selected": String(name === state.dock), do: "dock", arg: name, key: name }, label))),
      requests.length > 1 && (state.dock === "line" || state.dock === "trail") && h("div.segments", null, requests.map((x) =>
        h("button", { type: "button", "aria-pressed": String(x === r), do: "request", arg: x.id, key: x.id }, x.title.replace("Solicitud número ", "")))),
      h("button.fold", { type: "button", do: "fold", "aria-expanded": String(!state.folded) }, state.folded ? "Mostrar" : "Ocultar")),
    h("div.scroll", { tabindex: "0", key: state.dock, role: "tabpanel" }, show[state.dock]()),
  ];
}

const none = () => h("p.empty", null, "Todavía no hay ninguna solicitud. La primera nace en el paso 3 de la guía.");

function line(r) {
  if (!r) return none();
  return [
    h("p.subject", null, h("strong", null, r.title), r.subject ? " · " + r.subject : ""),
    r.turn && h("p.at", null, r.turn),
    h("ol.line", null, r.line.map((s, i) => h("li" + (s.now ? ".now" : s.at ? ".past" : ""), { key: String(i) },
      h("span.step", null, "Paso " + s.step), h("strong", null, s.state),
      s.at ? [h("span.at", null, whole(s.at)), h("span.at", null, s.by)] : h("span.at", null, "Por venir")))),
  ];
}

function trail(r) {
  if (!r) return none();
  return h("table", null,
    h("caption", null, r.title + ": cada decisión, también las que no procedieron"),
    h("thead", null, h("tr", null, ["N.º", "Cuándo", "Quién", "Qué", "Dónde", "Huella"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", null, r.trail.map((e) => h("tr" + (e.refused ? ".refused" : ""), { key: String(e.seq) },
      h("td", null, e.seq), h("td", null, e.at), h("td", null, e.who),
      h("td", null, e.refused ? [h("strong", null, "No procedió: "), e.what + ". " + e.refused] : e.what),
      h("td", null, e.where), h("td.code", null, e.hash)))));
}

function board(state) {
  const b = state.parts.board;
  if (!b) return none();
  return [
    h("h3", null, "Solicitudes por estado"),
    h("dl.counts", null, b.states.map((c) => h("div" + (c.n ? ".some" : ""), { key: c.name }, h("dt", null, c.name), h("dd", null, c.n)))),
    h("h3", null, "Avisos"),
    h("dl.counts", null, b.outbox.map((c) => h("div" + (c.n ? ".some" : ""), { key: c.name }, h("dt", null, c.name), h("dd", null, c.n)))),
    h("h3", null, "¿Qué pasaría si…?"),
    h("form.whatif", { key: "whatif" },
      number("people", "Personas que dictaminan", "4", "1", "50", "1"),
      number("arrivals", "Solicitudes por día hábil", "1.4", "0", "20", "any"),
      number("work", "Días por dictamen", "2", "0.1", "20", "any"),
      number("off", "Días hábiles sin nadie", "0", "0", "30", "1"),
      h("button.primary", { type: "submit" }, "Calcular")),
    state.bodies.whatif && h("div.answer", { key: "answer", role: "status" }, answer(state.bodies.whatif)),
  ];
}

const number = (name, label, value, min, max, step) =>
  h("label", { key: name }, label, h("input", { type: "number", inputmode: "decimal", name, value, min, max, step, required: true }));

function answer(a) {
  const rows = (list) => list.map((f) => h("tr", { key: f.name }, h("th", { scope: "row" }, f.name), h("td", null, f.is), h("td", null, f.asked)));
  return [
    h("table.figures", null,
      h("thead", null, h("tr", null, ["", "Como es", "Si…"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", null, rows(a.given)), h("tbody", null, rows(a.comes))),
    h("figure", null,
      h("figcaption", null, "Solicitudes sin dictamen, día por día: ", h("span.is", null, "como es"), " y ", h("span.asked", null, "si…")),
      curves(a)),
    h("p.at", null, a.beside),
  ];
}

// curves draws both futures: the middle as a line, and eight in ten of them as a band.
function curves({ is, asked }) {
  const top = Math.max(1, ...is.map((r) => r.high), ...asked.map((r) => r.high));
  const at = (i, v) => ((i * 600) / (is.length - 1)).toFixed(1) + "," + (160 - (v * 156) / top).toFixed(1);
  const make = (name, attrs) => {
    const el = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [k, v] of Object.entries(attrs)) el.setAttribute(k, v);
    return el;
  };
  const svg = make("svg", { viewBox: "0 0 600 160", preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const [name, days] of [["is", is], ["asked", asked]]) {
    const band = [...days.map((r, i) => at(i, r.high)), ...days.map((r, i) => at(i, r.low)).reverse()];
    svg.append(make("polygon", { class: name, points: band.join(" ") }), make("polyline", { class: name, points: days.map((r, i) => at(i, r.middle)).join(" ") }));
  }
  return h("div.curves", null, h("span.top", null, Math.round(top)), svg, h("span.from", null, "Hoy"), h("span.to", null, "Día " + is.length));
}

function calls(state) {
  const list = state.parts.calls || [];
  const open = state.bodies["call:" + state.call];
  return h("div.inspector", null,
    h("ul", null, list.map((c) => h("li", { key: c.id },
      h("button.row" + (c.bad ? ".bad" : ""), { type: "button", do: "call", arg: c.id, "aria-expanded": String(c.id === state.call) },
        h("span.at", null, c.at), h("span.on." + c.on, null, c.on), h("span.method", null, c.method), h("span.status", null, c.status),
        h("span.whom", null, c.whom), h("span.brief", null, c.brief))))),
    h("div.detail", null, state.call && open ? detail(open) : h("p.empty", null, "Elija una llamada para ver lo que se envió, lo que se respondió y el mensaje que produjo.")));
}

function detail(c) {
  return [
    h("h3", null, c.method + " · " + c.status + (c.took ? " · " + c.took : "")),
    c.message && h("div.made", { key: "made" }, h("p.at", null, "El mensaje, como lo ve ahora " + c.whose + ":"), h("div.message", null, blocks(c.message.blocks, (k) => h("span.knob", null, k.label || "Elegir")))),
    c.gone && h("p.at", null, "El mensaje que produjo ya no está en la pantalla."),
    c.edits?.length && [h("p.at", null, "Cambios posteriores:"), h("ul.edits", null, c.edits.map((e) => h("li", null, h("button", { type: "button", do: "call", arg: e.id }, e.at + " · " + e.method + " · " + e.status))))],
    h("h4", null, "Lo que se envió"), h("pre", { tabindex: "0" }, c.sent),
    h("h4", null, "Lo que se respondió"), h("pre", { tabindex: "0" }, c.answered || "Nada"),
  ];
}

export function views(state) {
  return [["guide", "Guía"], ["people", "Personas"], ["dock", "Solicitud"]].map(([v, label]) =>
    h("button", { type: "button", do: "view", arg: v, "aria-pressed": String(state.view === v), key: v }, label));
}
