// Shared by the live pages: asking the server, keeping ages, and the count in the title.
"use strict";
const desk = (() => {
  const every = 1000; // milliseconds between two looks
  let active = true;
  let failures = 0;
  for (const kind of ["keydown", "pointerdown", "touchstart", "scroll"]) {
    addEventListener(kind, () => { active = true; }, { passive: true, capture: true });
  }
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

  // Post fields and return the answer, or null when there is none; a signed-off page says so and stops.
  async function ask(url, fields) {
    const body = new URLSearchParams(fields);
    const headers = { "X-CSRFToken": token(), "X-Desk-Live": "1", "X-Desk-Active": active ? "1" : "0" };
    try {
      const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin", cache: "no-store",
        redirect: "error", signal: AbortSignal.timeout(10000) });
      if (answer.status === 401 || answer.status === 403) {
        document.getElementById("signed-off").hidden = false;
        document.title = "! " + document.title;
        return "stop";
      }
      if (!answer.ok) throw new Error(String(answer.status));
      active = false;
      failures = 0;
      document.getElementById("no-line").hidden = true;
      return await answer.json();
    } catch {
      failures += 1;
      if (failures > 2) document.getElementById("no-line").hidden = false;
      return null;
    }
  }

  function watch(look) {
    const again = async () => {
      if (await look() === "stop") return;
      setTimeout(again, Math.min(every * 2 ** Math.max(0, failures - 1), 15000));
    };
    setTimeout(again, 400);
  }

  function age(seconds) {
    if (seconds < 60) return "now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
    return `${Math.floor(seconds / 86400)} d`;
  }

  function ages(root = document) {
    for (const time of root.querySelectorAll("time[data-age]")) {
      const text = age((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  const bare = document.title.replace(/^\(\d+\) /, "");
  function count(open) {
    document.title = open ? `(${open}) ${bare}` : bare;
    for (const place of document.querySelectorAll("[data-open-alerts]")) {
      place.hidden = !open;
      place.firstChild.nodeValue = String(open);
    }
  }

  // Put new contents into a place and keep where the reader was.
  function replace(place, html) {
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.innerHTML = html;
    ages(place);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  for (const form of document.querySelectorAll("form[data-once]")) once(form);
  // A form that is sent once: a second press while it is on its way does nothing.
  function once(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  }
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

  const typing = (event) => event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select");
  ages();
  setInterval(ages, 10000);
  return { ask, watch, ages, count, replace, once, typing };
})();
