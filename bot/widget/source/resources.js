// Phone lines and links, with large targets.

const digits = (number) => String(number).replace(/(?!^\+)[^\d,]/g, "");

const tel = (number) => `tel:${digits(number)}`;

// Only links that a clinic has a use for; anything else is shown as plain text.
const safeHref = (href) => {
  try {
    const url = new URL(href, SETTINGS.base);
    return ["tel:", "sms:", "mailto:", "https:", "http:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

// The lines that are baked in, in the words of the chosen language.
const lifelines = () => {
  const { t } = SPEECH;
  const { emergency, lifeline, lifelineSms, lifelineSmsBody, lifelineEs } = SETTINGS;
  const dial = SPEECH.lang === "es" && lifelineEs ? lifelineEs : lifeline;
  return [
    { label: t.call(emergency), href: tel(emergency) },
    lifeline && { label: t.call(lifeline), href: tel(dial) },
    lifelineSms && {
      label: t.text(lifelineSms, lifelineSmsBody),
      href: `sms:${digits(lifelineSms)}${lifelineSmsBody ? `?body=${encodeURIComponent(lifelineSmsBody)}` : ""}`,
    },
  ].filter(Boolean);
};

// The screen took over. Other messages may offer a phone line too without being a card.
const isCrisis = (message) => message.from !== "patient" && message.kind === "crisis";

const lineLink = ({ label, href }, strong = false) => {
  const to = safeHref(href);
  if (!to) return el("span", { class: "line plain" }, label);
  const calendar = /\.ics(\?|$)/.test(to);
  const kind = to.startsWith("sms:") ? "sms" : to.startsWith("tel:") ? "phone" : calendar ? "calendar" : null;
  const away = !kind && NEW_TAB;
  return el("a", { class: strong ? "line strong" : "line", href: to, download: calendar, ...away },
    kind && icon(kind), el("span", {}, label));
};

const lineList = (resources, label, strongFirst = false) => el("ul", { class: "lines", "aria-label": label },
  ...resources.map((resource, at) => el("li", {}, lineLink(resource, strongFirst && at === 0))));
