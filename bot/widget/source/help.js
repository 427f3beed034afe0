// Help that needs no server: the footer, the bar pinned after a crisis message, and the
// panel for when the assistant cannot be reached.

const footerNode = () => {
  const { t, lang } = SPEECH;
  const { emergency, lifeline, lifelineEs, phone } = SETTINGS;
  const dial = lang === "es" && lifelineEs ? lifelineEs : lifeline;
  const line = (name, number, to = number) => number && el("a", { href: tel(to), "aria-label": t.callNumber(name, number) },
    el("span", {}, name), el("b", { dir: "ltr" }, number));
  return el("nav", { class: "footer", "aria-label": t.footer },
    line(t.emergency, emergency), line(t.lifeline, lifeline, dial), line(t.clinicPhone, phone));
};

const pinnedNode = (helpers) => el("section", { class: "help-bar", "aria-label": SPEECH.t.helpBar },
  lineList(helpers.slice(0, 3), SPEECH.t.helpBar, true));

const offlineNode = (onretry) => {
  const { t } = SPEECH;
  const lines = [...lifelines(), SETTINGS.phone && { label: t.callClinic, href: tel(SETTINGS.phone) }].filter(Boolean);
  return el("section", { class: "offline", "aria-label": t.offlineTitle },
    el("h3", {}, t.offlineTitle), el("p", {}, t.offlineText), lineList(lines, t.crisisTitle, true),
    el("button", { type: "button", class: "quiet", onclick: onretry }, icon("retry"), t.tryAgain));
};

// A question inside the panel, in place of the browser's own dialog, which cannot be styled
// or translated.
const askNode = ({ title, text, yes, no, onyes, onno }) => el("section", { class: "ask", role: "group", "aria-label": title },
  el("h3", {}, title), el("p", {}, text),
  el("div", { class: "ask-buttons" },
    el("button", { type: "button", class: "solid", onclick: onyes }, yes),
    el("button", { type: "button", class: "quiet", onclick: onno }, no)));
