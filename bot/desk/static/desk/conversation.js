// A conversation: new messages and panels arrive by themselves, and nothing that is being typed is lost.
"use strict";
(() => {
  const page = document.getElementById("case");
  const lines = document.getElementById("lines");
  const news = document.getElementById("news");
  const latest = document.getElementById("latest");
  const text = document.getElementById("text");
  const marks = { state: "", alerts: "" };
  let last = page.dataset.last;

  desk.watch(async () => {
    const answer = await desk.ask(page.dataset.live, { after: last, ...marks });
    if (!answer || answer === "stop") return answer;
    desk.count(answer.open_alerts);
    alarm.check(answer);
    if (answer.lines) add(answer.lines);
    last = answer.last;
    for (const seen of document.querySelectorAll("input[name=seen]")) seen.value = last;
    for (const [name, html] of Object.entries(answer.panels)) {
      const place = document.querySelector(`[data-panel=${name}]`);
      if (busy(place)) continue;
      desk.replace(place, html);
      for (const form of place.querySelectorAll("form[data-once]")) desk.once(form);
      marks[name] = answer.marks[name];
    }
  });

  // A panel in which somebody types or has opened a form is left alone until they are done.
  function busy(place) {
    const fields = [...place.querySelectorAll("select, textarea, input:not([type=hidden])")];
    return fields.some((field) => field === document.activeElement
      || (field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected && o.value) : field.value !== field.defaultValue));
  }

  function add(html) {
    const atEnd = latest.getBoundingClientRect().top < innerHeight + 80;
    lines.insertAdjacentHTML("beforeend", html);
    desk.ages(lines);
    news.textContent = "";
    setTimeout(() => { news.textContent = news.dataset.new; }, 50);
    if (atEnd) lines.lastElementChild.scrollIntoView({ block: "center" });
  }

  if (text) {
    const left = document.getElementById("left");
    const draft = `desk.draft.${location.pathname}`;
    text.value ||= sessionStorage.getItem(draft) || "";
    text.addEventListener("input", () => {
      sessionStorage.setItem(draft, text.value);
      left.textContent = text.value.length > 1700 ? String(2000 - text.value.length) : "";
    });
    text.form.addEventListener("submit", () => sessionStorage.removeItem(draft));
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) text.form.requestSubmit();
    });
    const canned = document.getElementById("canned");
    if (canned) {
      canned.parentElement.hidden = false;
      canned.addEventListener("change", () => {
        if (!canned.value) return;
        text.value = text.value.trim() ? `${text.value.trimEnd()} ${canned.value}` : canned.value;
        canned.value = "";
        text.dispatchEvent(new Event("input"));
        text.focus();
      });
    }
    if (location.hash === "#reply") text.focus();
  }
  if (!location.hash && !document.querySelector(".alert")) latest.scrollIntoView({ block: "end" });

  addEventListener("keydown", (event) => {
    if (localStorage.getItem("desk.keys") === "0" || desk.typing(event)) return;
    if (event.key === "u") document.getElementById("up").click();
    else if (event.key === "r" && text) text.focus();
    else return;
    event.preventDefault();
  });
})();
