// A conversation: htmx brings new messages and panels; here nothing that is being typed is lost.
"use strict";
(() => {
  const news = document.getElementById("news");
  const latest = document.getElementById("latest");
  const text = document.getElementById("text");
  let typed = 0;
  let atEnd = true;

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (Date.now() - typed < 2500) detail.parameters.typing = "1";
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.id === "lines") atEnd = latest.getBoundingClientRect().top < innerHeight + 80;
    else if (busy(detail.target)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    if (detail.target.id === "marks") {
      for (const seen of document.querySelectorAll("input[name=seen]")) seen.value = detail.target.querySelector("[name=after]").value;
    }
    if (detail.target.id !== "lines") return;
    news.textContent = "";
    setTimeout(() => { news.textContent = news.dataset.new; }, 50);
    if (atEnd) detail.target.lastElementChild.scrollIntoView({ block: "center" });
  });

  // A panel in which somebody types or has opened a form is left alone until they are done.
  function busy(place) {
    const fields = [...place.querySelectorAll("select, textarea, input:not([type=hidden])")];
    return fields.some((field) => field === document.activeElement
      || (field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected && o.value) : field.value !== field.defaultValue));
  }

  if (text) {
    const left = document.getElementById("left");
    const draft = `desk.draft.${location.pathname}`;
    text.value ||= sessionStorage.getItem(draft) || "";
    text.addEventListener("input", () => {
      typed = text.value ? Date.now() : 0;
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
