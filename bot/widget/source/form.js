// A form, where the assistant asks for something that has to be typed: with labels, the right keys on a phone, and
// what the phone already knows. Whoever prefers it may write in the box below as well.

const FIELDS = {
  name: { label: "fieldName", type: "text", autocomplete: "given-name", fault: "faultName", fits: (value) => value.length > 0 },
  phone: { label: "fieldPhone", type: "tel", autocomplete: "tel", fault: "faultPhone", fits: (value) => value.replace(/\D/g, "").length >= 7 },
  email: { label: "fieldEmail", type: "email", autocomplete: "email", fault: "faultEmail", fits: (value) => /^\S+@\S+\.\S+$/.test(value) },
  day: { label: "fieldDay", type: "date", autocomplete: "off", fault: "faultDay", fits: (value) => /^\d{4}-\d\d-\d\d$/.test(value) },
};

// What a message's `input` asks for, as fields of which one is filled in.
const ASKS = { name: ["name"], contact: ["phone", "email"], day: ["day"] };
const AHEAD = 180;  // days that a calendar shows

const isoDay = (ahead) => {
  const day = new Date();
  day.setDate(day.getDate() + ahead);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);

// A day and a part of it, in words that patient and assistant both read.
const dayInWords = (day, part) => {
  const words = new Intl.DateTimeFormat(SPEECH.lang, { weekday: "long", month: "long", day: "numeric" })
    .format(new Date(`${day}T12:00`));
  return part ? `${words}, ${SPEECH.t[part]}` : words;
};

class AskForm {
  // `typed` is what was typed before a repaint or a reload, kept by `onkeep`.
  constructor(asks, { id, typed, onkeep, onsend }) {
    this.kinds = ASKS[asks];
    this.follows = asks !== "day";  // a question with quick answers is gone through from its first one
    this.id = id;
    this.typed = { ...typed };
    this.onkeep = onkeep;
    this.onsend = onsend;
    this.input = el("input", { id: `${id}-field`, "aria-describedby": `${id}-fault`, required: true, maxlength: "100" });
    this.label = el("label", { id: `${id}-label`, for: `${id}-field` });
    this.part = asks === "day" && this.#parts();
    this.fault = el("p", { class: "fault", id: `${id}-fault` });
    this.root = el("form", { class: "ask-form", novalidate: true, "aria-labelledby": `${id}-label` },
      this.kinds.length > 1 && this.#which(), this.label,
      el("div", { class: "field" }, this.input, this.part, el("button", { type: "submit", class: "solid-accent" }, SPEECH.t.next)),
      this.fault);
    this.root.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.input.addEventListener("input", () => { this.#keep({ [this.kind]: this.input.value }); this.#complain(false); });
    this.#ask(this.kinds.includes(typed.kind) ? typed.kind : this.kinds[0]);
  }

  // Phone or e-mail: the field changes with the choice, so that each gets its own keys.
  #which() {
    const { t } = SPEECH;
    return el("fieldset", { class: "which" }, el("legend", { class: "sr" }, t.fieldWhich),
      ...this.kinds.map((kind) => el("label", {},
        el("input", { type: "radio", name: `${this.id}-which`, value: kind, onchange: () => this.#ask(kind) }), t[FIELDS[kind].label])));
  }

  #parts() {
    const { t } = SPEECH;
    return el("select", { "aria-label": t.fieldPart },
      ...["", "inTheMorning", "inTheAfternoon"].map((part) => el("option", { value: part }, capital(part ? t[part] : t.anyTime))));
  }

  #ask(kind) {
    const { label, type, autocomplete } = FIELDS[kind];
    this.kind = kind;
    if (this.typed.kind !== kind) this.#keep({ kind });
    for (const radio of this.root.querySelectorAll("[type=radio]")) radio.checked = radio.value === kind;
    this.label.textContent = SPEECH.t[label];
    Object.assign(this.input, { type, value: this.typed[kind] || "" });
    if (type === "date") Object.assign(this.input, { min: isoDay(0), max: isoDay(AHEAD) });
    this.input.setAttribute("autocomplete", autocomplete);
    this.#complain(false);
  }

  #keep(news) {
    Object.assign(this.typed, news);
    this.onkeep(this.typed);
  }

  #complain(wrong) {
    this.fault.textContent = wrong ? SPEECH.t[FIELDS[this.kind].fault] : "";
    this.input.setAttribute("aria-invalid", String(wrong));  // said in full: an empty field is not wrong yet
  }

  #submit() {
    const value = this.input.value.trim();
    if (!FIELDS[this.kind].fits(value)) {
      this.#complain(true);
      this.input.focus();
      this.fault.scrollIntoView({ block: "nearest" });
      return;
    }
    this.onsend(this.kind === "day" ? dayInWords(value, this.part.value) : value);
  }
}
