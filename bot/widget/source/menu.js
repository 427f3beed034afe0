// "More options": a plain disclosure with buttons, which every screen reader knows.

class Menu {
  constructor(actions) {
    this.actions = actions;
    this.button = el("button", {
      type: "button", class: "bar-button menu-button", "aria-expanded": "false", "aria-controls": "menu",
      onclick: () => this.toggle(),
    });
    this.list = el("div", { class: "menu", id: "menu", hidden: true });
    this.root = el("div", { class: "menu-holder" }, this.button, this.list);
    this.root.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.root.contains(event.relatedTarget)) this.close(false);
    });
    this.translate();
  }

  translate() {
    const { t } = SPEECH;
    this.button.setAttribute("aria-label", t.menu);
    this.button.title = t.menu;
    this.button.replaceChildren(icon("more"));
    const entry = (name, label, note) => el("button", { type: "button", "data-action": name, onclick: () => this.#act(name) },
      label, note && el("small", {}, note));
    this.list.replaceChildren(
      entry("person", t.person),
      entry("restart", t.restart, t.restartNote),
      entry("clear", t.clear),
      entry("save", t.save),
      DEFAULTS.languages?.includes(t.otherLang) !== false ? entry("language", t.language) : "",
      SETTINGS.privacy ? el("a", { href: safeHref(SETTINGS.privacy), ...NEW_TAB }, t.privacy) : "",
      el("p", { class: "menu-note" }, t.exitHint));
    this.list.querySelector("[data-action=language]")?.setAttribute("lang", t.otherLang);
  }

  get open() { return !this.list.hidden; }

  toggle() {
    if (this.open) this.close();
    else {
      this.list.hidden = false;
      this.button.setAttribute("aria-expanded", "true");
      this.list.querySelector("button").focus();
    }
  }

  close(focus = true) {
    if (!this.open) return;
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (focus) this.button.focus();
  }

  #act(name) {
    this.close();
    this.actions[name]();
  }
}
