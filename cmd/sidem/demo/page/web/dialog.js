// Questions that the page asks in the middle of everything else.
import { fill, h } from "./dom.js";

const dialog = document.getElementById("dialog");
let answer = null;

// ask resolves to true, or what the field holds; to null when the visitor turns back.
export function ask({ title, text, field, yes, no }) {
  fill(dialog, h("form.ask", { method: "dialog", "data-own": true },
    h("h2", null, title),
    h("p", null, text),
    field && h("label", null, field.label, h("input", { type: field.type, value: field.value, min: field.min, max: field.max, name: "field", required: field.type !== "file" })),
    h("div.choices", null,
      h("button.primary", { type: "submit", value: "yes" }, yes),
      h("button", { type: "button", "data-no": true }, no))));
  const input = dialog.querySelector("input");
  if (input && field.value) input.value = field.value;
  dialog.returnValue = "";
  dialog.showModal();
  (input || dialog.querySelector("button")).focus();
  return new Promise((resolve) => { answer = { resolve, field }; });
}

dialog.addEventListener("click", (e) => { if (e.target.closest("[data-no]")) dialog.close(""); });
dialog.addEventListener("submit", (e) => {
  e.preventDefault();
  e.stopPropagation();
  dialog.close("yes");
});
dialog.addEventListener("close", async () => {
  const { resolve, field } = answer;
  const input = dialog.querySelector("input");
  if (dialog.returnValue !== "yes") resolve(null);
  else if (!field) resolve(true);
  else if (field.type === "file") resolve(input.files[0] ? await readFile(input.files[0]) : "");
  else resolve(input.value);
});

// closeDialog reports whether one was open; Escape closes it by itself.
export function closeDialog() { return dialog.open; }

// readFile is a file with its content in base64.
export async function readFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return { name: file.name, data: btoa(text) };
}
