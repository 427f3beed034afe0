// The queue: filters that unfold, and keys. Its rows are renewed by htmx.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  const words = document.getElementById("words");

  // On a phone the alerts come first: search and filters unfold.
  const unfold = document.getElementById("unfold");
  unfold.addEventListener("click", () => {
    const open = document.getElementById("tools").classList.toggle("open");
    unfold.setAttribute("aria-expanded", String(open));
    if (open) words.focus();
  });

  document.getElementById("filter").hidden = true; // each change filters at once
  for (const field of document.querySelectorAll("#filters select, #filters input")) {
    field.addEventListener("change", () => document.getElementById("filters").requestSubmit());
  }

  const keys = document.getElementById("keys");
  keys.checked = localStorage.getItem("desk.keys") !== "0";
  keys.addEventListener("change", () => localStorage.setItem("desk.keys", keys.checked ? "1" : "0"));
  addEventListener("keydown", (event) => {
    if (!keys.checked || desk.typing(event)) return;
    const rows = [...queue.querySelectorAll("a.row")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "/") words.focus();
    else return;
    event.preventDefault();
  });
})();
