// One message on the screen.

const LINK = new RegExp(`(${[
  String.raw`https?://[^\s<>"]+[^\s<>".,;:!?)]`,
  String.raw`(?:\b1[-. ])?\(\d{3}\) ?\d{3}[-. ]\d{4}\b`,
  String.raw`\b(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}\b`,
  String.raw`\+\d[\d ]{7,14}\d\b`,
].join("|")})`);

// The text, with addresses and full phone numbers made into links.
const linked = (text) => text.split(LINK).map((part, at) => {
  if (at % 2 === 0) return part;
  const web = part.startsWith("http");
  const visit = part.startsWith(`${SETTINGS.base}/v/`);  // a long key, which says nothing to anyone
  return el("a", { href: web ? safeHref(part) : tel(part), ...(web && NEW_TAB) }, visit ? SPEECH.t.visitPage : part);
});

const spoken = (message) => {
  const { t } = SPEECH;
  const choices = (message.choices || []).map((choice) => choice.label).join(", ");
  return `${t[message.from] || t.bot}: ${message.text}${choices ? ` ${t.choices}: ${choices}.` : ""}`;
};

const sourcesOf = (sources) => el("details", { class: "sources" },
  el("summary", {}, SPEECH.t.sources(sources.length)),
  ...sources.map((source) => el("figure", {},
    el("blockquote", { dir: "auto" }, source.quote),
    el("figcaption", { dir: "auto" }, [source.title, source.section].filter(Boolean).join(" · ")))));

const choicesOf = (message, onchoose) => el("div", { class: "choices", role: "group", "aria-label": SPEECH.t.choices },
  ...message.choices.map((choice) => {
    const button = el("button", { type: "button", class: "choice", "data-id": choice.id },
      icon("check"), choice.label, hidden(""));
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") onchoose(message, choice);
    });
    return button;
  }));

// Show which choice was taken. The others stay, but cannot be taken any more; none is
// removed or disabled outright, so that focus is not lost.
const paintChoices = (node, taken) => {
  for (const button of node.querySelectorAll(".choice")) {
    const mine = button.dataset.id === String(taken);
    button.classList.toggle("taken", mine);
    button.toggleAttribute("data-done", Boolean(taken));
    if (taken) button.setAttribute("aria-disabled", "true");
    button.querySelector(".sr").textContent = mine ? ` (${SPEECH.t.chosen})` : "";
  }
};

const messageNode = (message, onchoose) => {
  const { t, lang } = SPEECH;
  const crisis = isCrisis(message);
  const resources = message.resources || [];
  const who = message.from === "staff" && message.name ? message.name : t[message.from] || t.bot;
  const look = `message from-${message.from}${crisis ? " crisis" : ""}`;
  return el("li", { class: look, "data-id": message.id, "data-kind": message.kind },
    el("div", { class: "who" }, who, message.at && el("time", { datetime: message.at }, clock(message.at, lang))),
    el("div", { class: "bubble" },
      crisis && el("p", { class: "crisis-title" }, icon("heart"), t.crisisTitle),
      el("p", { class: "text", dir: "auto" }, ...(message.from === "patient" ? [message.text] : linked(message.text || ""))),
      resources.length > 0 && lineList(resources, crisis ? t.crisisTitle : null, crisis),
      message.sources?.length > 0 && sourcesOf(message.sources)),
    message.choices?.length > 0 && choicesOf(message, onchoose),
    message.from === "patient" && el("div", { class: "state" }));
};

// A message of the patient's that the server has not confirmed.
const pendingNode = (item, { onretry, onedit }) => {
  const { t } = SPEECH;
  const state = el("div", { class: "state" });
  const node = el("li", { class: "message from-patient pending", "data-client": item.client_id },
    el("div", { class: "who" }, t.patient),
    el("div", { class: "bubble" }, el("p", { class: "text", dir: "auto" }, item.text)), state);
  node.paint = (now, offline) => {
    const look = now.state + (offline ? " offline" : "") + (now.why || "");
    if (node.dataset.look === look) return;
    node.dataset.look = look;
    node.dataset.state = now.state;
    if (now.state === "sending") state.replaceChildren(offline ? t.waiting : t.sending);
    if (now.state === "unsent") state.replaceChildren(el("button", { type: "button", onclick: () => onretry(item) }, icon("retry"), t.unsent));
    if (now.state === "refused") {
      state.replaceChildren(t.refused(now.why || ""), el("button", { type: "button", onclick: () => onedit(item) }, t.edit));
    }
  };
  return node;
};
