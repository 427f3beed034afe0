// Shared by the live pages. htmx asks the server each second; this says what becomes of the answers:
// headers, a line that is lost, ages, and the count in the title.
"use strict";
const desk = (() => {
  let active = true;
  let over = false;
  let failures = 0;
  let notBefore = 0;
  for (const kind of ["keydown", "pointerdown", "touchstart", "scroll"]) {
    addEventListener(kind, () => { active = true; }, { passive: true, capture: true });
  }
  const banner = (name, shown) => { document.getElementById(name).hidden = !shown; };
  const on = (name, act) => document.addEventListener(`htmx:${name}`, act);

  on("configRequest", ({ detail }) => {
    detail.headers["X-CSRFToken"] = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    detail.headers["X-Desk-Live"] = "1";
    detail.headers["X-Desk-Active"] = active ? "1" : "0";
  });
  on("beforeRequest", (event) => { if (over || Date.now() < notBefore) event.preventDefault(); });
  on("afterRequest", ({ detail }) => {
    if (detail.successful) {
      active = false;
      failures = 0;
      banner("no-line", false);
    } else if ([401, 403].includes(detail.xhr.status)) {
      over = true;
      banner("signed-off", true);
      document.title = `! ${document.title}`;
    } else {
      failures += 1;
      notBefore = Date.now() + Math.min(1000 * 2 ** Math.max(0, failures - 2), 15000);
      banner("no-line", failures > 2);
    }
  });
  // Each answer names the open alerts in a header, also when nothing else changed.
  document.addEventListener("desk:news", ({ detail }) => {
    count(detail.open_alerts);
    if (typeof alarm !== "undefined") alarm.check(detail);
  });
  on("afterSwap", ({ target }) => ages(target));
  on("oobAfterSwap", ({ detail }) => ages(detail.target));

  function age(seconds) {
    const { now, min, h, d } = document.body.dataset;
    if (seconds < 60) return now;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} ${min}`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} ${h} ${Math.floor(seconds % 3600 / 60)} ${min}`;
    return `${Math.floor(seconds / 86400)} ${d}`;
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

  // A form that is sent once: a second press while it is on its way does nothing.
  addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-once]")) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

  const typing = (event) => event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select");
  ages();
  setInterval(ages, 10000);
  return { typing };
})();
