// Settings: the clinic's defaults, overridden by the data attributes of the script tag.

const SCRIPT = document.currentScript
  || document.querySelector('script[src*="/widget.js"]');  // loaded as a module

// Where the button stands: "left" and "right" mean what they say, on pages that read from the right too; with
// neither it is where lines end.
const sideOf = (position, dir) => {
  const [left, right] = dir === "rtl" ? ["end", "start"] : ["start", "end"];
  return { left, right, start: "start" }[position] || "end";
};

const readSettings = (tag) => {
  const data = tag ? tag.dataset : {};
  const lines = DEFAULTS.lines || {};
  const page = document.documentElement.lang || "";
  return Object.freeze({
    base: new URL(tag && tag.src ? tag.src : location.href).origin,
    clinic: data.clinic || DEFAULTS.clinic || "",
    phone: data.phone || DEFAULTS.phone || "",
    lang: data.lang || page.slice(0, 2) || "en",
    dir: data.dir || "",
    color: data.color || "",
    side: sideOf(data.position, data.dir),
    theme: ["light", "dark"].includes(data.theme) ? data.theme : "auto",
    label: data.label || "",
    privacy: data.privacy || "",
    exit: data.exit || "https://www.weather.gov/",
    emergency: data.emergency || lines.emergency || "911",
    // Null where a country has no single line.
    lifeline: data.lifeline || (lines.lifeline === undefined ? "988" : lines.lifeline),
    lifelineEs: lines.lifeline_es || "",
    lifelineSms: data.lifelineSms || (lines.sms === undefined ? "988" : lines.sms),
    lifelineSmsBody: lines.sms_body || "",
  });
};

const LIMITS = Object.freeze({ text: 2000, warnFrom: 1800 });

const SETTINGS = readSettings(SCRIPT);
