// Where the patient types.

class Composer {
  constructor(onsend, ondraft) {
    this.onsend = onsend;
    this.ondraft = ondraft;
    // No spell checking: browsers may send what is typed to their maker for it.
    this.input = el("textarea", {
      id: "input", rows: "1", autocomplete: "off", spellcheck: "false", "data-gramm": "false",
      enterkeyhint: "send", dir: "auto", "aria-describedby": "count",
    });
    this.label = el("label", { class: "sr", for: "input" });
    this.count = el("p", { class: "count", id: "count", hidden: true });
    this.button = el("button", { type: "submit", class: "send" }, icon("send"));
    this.root = el("form", { class: "composer", novalidate: true }, this.label,
      el("div", { class: "field" }, this.input, this.button), this.count);
    this.root.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.translate();
  }

  translate() {
    const { t } = SPEECH;
    this.label.textContent = t.input;
    this.input.placeholder = t.placeholder;
    this.button.setAttribute("aria-label", t.send);
    this.button.title = t.send;
    this.changed(false);
  }

  get length() { return [...this.input.value.trim()].length; }

  put(text) {
    this.input.value = text;
    this.changed();
  }

  // Nothing is cut off: a text that is too long stays, with a word on by how much.
  changed(keep = true) {
    const { t } = SPEECH;
    const over = this.length - LIMITS.text;
    this.count.hidden = this.length < LIMITS.warnFrom;
    this.count.textContent = this.count.hidden ? "" : over > 0 ? t.tooLong(over) : t.left(-over);
    this.input.toggleAttribute("aria-invalid", over > 0);
    if (over > 0) this.input.setAttribute("aria-invalid", "true");
    this.root.classList.toggle("ready", this.length > 0 && over <= 0);
    this.#grow();
    if (keep) this.ondraft(this.input.value);
  }

  #grow() {
    const { input } = this;
    input.rows = 1;
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(input);
    const lines = Math.round((input.scrollHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight));
    input.rows = Math.min(Math.max(lines || 1, 1), 5);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    if (this.length > LIMITS.text) {
      this.input.focus();
      return;
    }
    this.put("");
    this.onsend(text);
  }
}
