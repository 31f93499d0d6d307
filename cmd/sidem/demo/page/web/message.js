// The blocks of messages and the questions of forms, for every platform.
import { h } from "./dom.js";

const span = (s) => {
  let node = document.createTextNode(s.t);
  for (const [on, tag] of [[s.b, "strong"], [s.i, "em"], [s.c, "code"]]) if (on) node = h(tag, null, node);
  return node;
};

const lines = (block) => (block.lines || []).map((l) => h("span.line", null, (l || []).map(span)));

// blocks draws the pieces of a message; knob draws what can be pressed,
// and file a file.
export function blocks(list, knob, file = (f) => h("span.file", null, f.name)) {
  return list.map((b) => {
    switch (b.kind) {
      case "heading": return h("p.heading", null, lines(b));
      case "fields": return h("div.fields", null, lines(b));
      case "context": return h("p.context", null, lines(b));
      case "folded": return h("details.folded", null, h("summary", null, lines(b)[0]), h("p.context", null, lines(b).slice(1)));
      case "files": return h("p.files", null, b.files.map(file));
      case "actions": return h("div.actions", null, b.rows.map((row) => h("div.row", null, row.map(knob))));
      case "divider": return h("hr");
      default: return h("p.text", null, lines(b));
    }
  });
}

// answerable is a question of a form with the element that answers it.
export function answerable(a, id) {
  const about = a.wrong ? id + "-wrong" : a.hint ? id + "-hint" : null;
  const common = { id, "data-ask": a.label, required: !a.optional, "aria-describedby": about, "aria-invalid": a.wrong ? "true" : null };
  return h("div.ask" + (a.wrong ? ".bad" : ""), { key: a.label },
    a.kind === "some" ? h("span.label", { id: id + "-label" }, a.label) : h("label", { for: id }, a.label, a.optional && h("span.optional", null, " (opcional)")),
    field(a, id, common),
    a.hint && !a.wrong && h("p.hint", { id: id + "-hint" }, a.hint),
    a.wrong && h("p.wrong", { id: id + "-wrong", role: "alert" }, a.wrong));
}

function field(a, id, common) {
  switch (a.kind) {
    case "long": return h("textarea", { ...common, rows: "3" }, a.value || "");
    case "date": return h("input", { ...common, type: "date", value: a.value });
    case "time": return h("input", { ...common, type: "time", value: a.value });
    case "one": return h("select", common, h("option", { value: "" }, "Elija"), a.options.map((o) => h("option", { value: o, selected: o === a.value }, o)));
    case "some": return h("div.some", { role: "group", "aria-labelledby": id + "-label" }, a.options.map((o) =>
      h("label", null, h("input", { type: "checkbox", "data-ask": a.label, value: o, checked: (a.value || "").split("\n").includes(o) }), o)));
    case "file": return h("div.upload", null, h("input", { ...common, required: false, type: "file" }),
      a.value && h("p.hint", null, "Ya está: " + a.value),
      h("label", null, h("input", { type: "checkbox", "data-sample": true, checked: !a.optional && !a.value }), "Usar un documento de ejemplo"));
    default: return h("input", { ...common, type: "text", value: a.value });
  }
}
