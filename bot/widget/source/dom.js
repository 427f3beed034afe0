// Building the document without markup in strings: nothing that anyone wrote can become markup.

const el = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
};

// Links that leave the chat where it is, and tell the other side nothing.
const NEW_TAB = { target: "_blank", rel: "noopener noreferrer" };

// Drawn on a 24 by 24 grid.
const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4a.85.85 0 0 1-1.4-.65V16A2 2 0 0 1 4 14Z",
  close: "M6 6l12 12M18 6L6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  exit: "M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M9.5 16.5L5 12l4.5-4.5M5 12h10",
  phone: "M6.6 3.5l2.3.1 1.5 4-1.9 1.5a12.5 12.5 0 0 0 6.4 6.400l1.5-1.9 4 1.5.1 2.300a2.5 2.5 0 0 1-2.7 2.600A16.4 16.4 0 0 1 4 6.200a2.5 2.5 0 0 1 2.6-2.700Z",
  sms: "M4 6.500A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.500v7a2.5 2.5 0 0 1-2.5 2.500H11l-5 4v-4.100a2.5 2.5 0 0 1-2-2.400ZM8.5 10h.01M12 10h.01M15.5 10h.01",
  check: "M5 12.500l4.5 4.500L19 7.5",
  down: "M6 9.500l6 6 6-6",
  retry: "M20 11.500A8 8 0 1 0 18 17M20 5v6.500h-6.5",
  calendar: "M7 3v4M17 3v4M4 9.500h16M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z",
  heart: "M12 20S4 15 4 9.300A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.300C20 15 12 20 12 20Z",
};

const icon = (name) => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
};

// A class for the style sheet with text only for screen readers.
const hidden = (text, props = {}) => el("span", { class: "sr", ...props }, text);

const clock = (at, lang) => {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }).format(date);
};
