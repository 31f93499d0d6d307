// Notes which controls a page shows and which are used, by names that say what a
// control does and not to whom.
(() => {
  const kinds = "button, a[href], input, textarea, select, summary";
  const shown = new Set(), used = new Set();
  const told = {
    tab: (a) => a.on, room: (a) => (a.home ? "home" : "messages"), mailView: (a) => a.view, dock: (a) => a, view: (a) => a,
    fault: (a) => a.name + (a.on ? " on" : " off"), detour: (a) => a.name,
  };
  const name = (el) => {
    const what = el.dataset.do, arg = JSON.parse(el.dataset.arg || "null");
    if (what) return told[what] ? what + " " + told[what](arg) : what;
    const inside = ["dialog", ".modal", ".composer", ".fault", ".menu", ".folded"].find((s) => el.closest(s)) || "page";
    return [el.tagName.toLowerCase(), el.type || el.className, "in", inside, "no" in el.dataset ? "no" : ""].join(" ").trim();
  };
  const look = () => {
    for (const el of document.querySelectorAll(kinds)) if (!el.disabled && el.checkVisibility()) shown.add(name(el));
  };
  let looking = false;
  new MutationObserver(() => {
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => { looking = false; look(); });
  }).observe(document, { subtree: true, childList: true, attributes: true });
  for (const event of ["click", "input", "change"]) {
    addEventListener(event, (e) => {
      const el = e.target.closest?.(kinds);
      if (e.isTrusted && el) used.add(name(el));
    }, true);
  }
  window.controls = () => { look(); return { Shown: [...shown], Used: [...used] }; };
})();
