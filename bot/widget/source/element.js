// The custom element: the button in the corner, opening and closing, and the life of the rest.

const SMALL = "(max-width: 500px), (max-height: 540px)";  // the chat fills the screen
const NOTICE_EVERY = 3 * 60 * 60 * 1000;                  // ms

class ClinicAssistant extends HTMLElement {
  #shadow = this.attachShadow({ mode: "open" });

  connectedCallback() {
    if (this.conversation) return;
    const keep = Keep.open();
    speak(keep.get("lang") || SETTINGS.lang);
    const api = new Api(SETTINGS.base);
    api.lang = SPEECH.lang;
    this.conversation = new Conversation(api, keep);
    this.line = new Line(this.conversation);
    this.unread = 0;
    this.lives = new AbortController();
    this.#dress();
    this.#build();
    this.#listen();
    if (this.conversation.token || this.conversation.outbox.items.length) {
      this.line.start();
      this.conversation.outbox.pump();
      // A full screen that opens by itself would be in the way on a phone.
      if (keep.get("open") && !matchMedia(SMALL).matches) this.open({ focus: false });
    }
  }

  disconnectedCallback() {
    this.line?.end();
    this.conversation?.tabs.close();
    this.lives?.abort();
    clearInterval(this.reminder);
    this.conversation = null;
  }

  #dress() {
    const rules = this.#sheet().cssRules[0].style;
    const color = SETTINGS.color || getComputedStyle(this).getPropertyValue("--assistant-color");
    for (const [name, value] of Object.entries(accentVariables(color))) rules.setProperty(name, value);
    this.dataset.side = SETTINGS.side;
    this.#theme();
  }

  #theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    this.dataset.theme = SETTINGS.theme === "auto" ? (dark ? "dark" : "light") : SETTINGS.theme;
  }

  // A constructed style sheet passes any content security policy. Safari before 16.4 has
  // none: there the page's nonce lets a style element in.
  #sheet() {
    if ("adoptedStyleSheets" in document) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.#shadow.adoptedStyleSheets = [sheet];
      return sheet;
    }
    const style = el("style", { nonce: SCRIPT?.nonce || null });
    style.textContent = STYLE;
    this.#shadow.append(style);
    return style.sheet;
  }

  #build() {
    this.launcher = el("button", {
      type: "button", class: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false",
      onclick: () => this.open(),
    });
    this.outside = new Announcer();
    this.#shadow.append(this.launcher, this.outside.polite);
    this.#paintLauncher();
  }

  // Made at the first opening: pages that nobody chats on pay for a button only.
  #panel() {
    if (this.panel) return this.panel;
    this.panel = new Panel(this.conversation, {
      onclose: () => this.close(),
      onexit: () => leaveQuickly(this.conversation),
      onlanguage: (lang) => this.#setLanguage(lang),
    });
    this.panel.root.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
    this.#shadow.append(this.panel.root);
    return this.panel;
  }

  #listen() {
    const { signal } = this.lives;
    const { conversation, line } = this;
    const on = (target, name, act, more = {}) => target.addEventListener(name, act, { signal, ...more });
    on(conversation, "change", () => this.#changed());
    on(conversation, "wake", () => line.wake());
    on(conversation, "restarted", () => { this.panel?.log.clear(); line.again(); });
    on(conversation, "renewed", () => { this.panel?.log.note(SPEECH.t.renewed); line.again(); });
    on(conversation, "left", () => { line.end(); this.panel?.composer.put(""); this.close({ focus: false }); });
    const escapes = new DoubleEscape(() => leaveQuickly(conversation));
    on(document, "keydown", (event) => this.#escape(event, escapes), { capture: true });
    // Any button of the clinic's page may open the chat.
    on(document, "click", (event) => {
      if (event.target.closest?.("[data-clinic-assistant-open]")) this.open();
    });
    on(matchMedia(SMALL), "change", () => this.#refit());
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#theme());
    if (window.visualViewport) {
      for (const name of ["resize", "scroll"]) on(window.visualViewport, name, () => this.#fit());
    }
    this.reminder = setInterval(() => this.#remind(), 60000);
  }

  get isOpen() { return Boolean(this.panel?.root.open); }

  open({ focus = true } = {}) {
    if (this.isOpen) return;
    const { root, title, composer, log } = this.#panel();
    const before = document.activeElement;
    this.opener = this.#shadow.activeElement || before;
    this.#show();
    this.conversation.keep.set("open", true);
    this.unread = 0;
    this.#paintLauncher();
    this.line.start();
    if (this.conversation.link === "offline") this.line.wake();
    this.panel.paint();
    log.toEnd();
    if (!focus) {
      this.#shadow.activeElement?.blur();
      if (before !== document.body) before?.focus?.({ preventScroll: true });
    } else if (matchMedia("(pointer: coarse)").matches) title.focus();  // no keyboard over the greeting
    else composer.input.focus();
    root.scrollTop = 0;
  }

  // Over the page on small screens, beside it on large ones.
  #show() {
    const { root } = this.panel;
    const small = matchMedia(SMALL).matches;
    root.classList.toggle("full", small);
    root.inert = false;
    if (small) root.showModal();
    else root.show();
    this.launcher.hidden = true;
    this.launcher.setAttribute("aria-expanded", "true");
    this.#fit();
  }

  #refit() {
    if (!this.isOpen) return;
    const focused = this.#shadow.activeElement;
    this.panel.root.close();
    this.#show();
    focused?.focus();
  }

  close({ focus = true } = {}) {
    if (!this.isOpen) return;
    this.panel.menu.close(false);
    this.panel.root.close();
    this.panel.root.inert = true;
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.conversation.keep.set("open", false);
    this.#paintLauncher();
    if (!focus) return;
    const back = this.opener?.isConnected && this.opener !== document.body ? this.opener : this.launcher;
    back.focus();
  }

  // The part of the window that a phone's keyboard leaves free.
  #fit() {
    if (!this.isOpen) return;
    const { style } = this.panel.root;
    const view = window.visualViewport;
    const zoomed = !view || view.scale > 1.05;
    style.setProperty("--view-height", zoomed ? "100dvh" : `${view.height}px`);
    style.setProperty("--view-top", zoomed ? "0px" : `${view.offsetTop}px`);
    if (this.#shadow.activeElement === this.panel.composer.input) this.panel.log.toEnd();
  }

  #escape(event, escapes) {
    if (event.key !== "Escape" || event.isComposing || event.repeat) return;
    const near = this.isOpen || event.timeStamp - escapes.last < 1000;
    if (!near) return;
    const inside = event.composedPath().includes(this);
    if (this.isOpen && (inside || this.panel.root.classList.contains("full"))) {
      event.preventDefault();
      if (this.panel.menu.open) this.panel.menu.close();
      else this.close();
    }
    escapes.pressed(event.timeStamp);
  }

  #changed() {
    if (this.isOpen) {
      this.panel.paint();
      return;
    }
    const told = this.conversation.keep.get("told", 0);
    const news = this.conversation.sorted.filter((message) => message.from !== "patient" && message.id > told);
    if (news.length !== this.unread) {
      this.unread = news.length;
      this.#paintLauncher();
      if (this.unread) this.outside.say(SPEECH.t.launcherUnread(this.unread));
    }
  }

  #paintLauncher() {
    const { t, lang } = SPEECH;
    this.lang = lang;
    this.dir = SETTINGS.dir || t.dir;
    const label = el("span", {}, SETTINGS.label || t.launcher);
    const badge = this.unread ? el("b", { class: "badge", "aria-hidden": "true" }, String(this.unread)) : "";
    const spokenBadge = this.unread ? hidden(` ${t.launcherUnread(this.unread)}`) : "";
    this.launcher.replaceChildren(icon("chat"), label, badge, spokenBadge);
  }

  #setLanguage(lang) {
    speak(lang);
    this.conversation.api.lang = SPEECH.lang;
    this.conversation.keep.set("lang", SPEECH.lang);
    this.panel.translate();
    this.#paintLauncher();
  }

  // People are told again every three hours that nobody human reads along.
  #remind() {
    const since = this.conversation?.keep.get("noticed");
    if (!this.isOpen || !since || Date.now() - since < NOTICE_EVERY) return;
    this.conversation.keep.set("noticed", Date.now());
    this.panel.log.note(SPEECH.t.noticeAgain);
    this.panel.announcer.say(SPEECH.t.noticeAgain);
  }
}

const begin = () => {
  if (!customElements.get("clinic-assistant")) customElements.define("clinic-assistant", ClinicAssistant);
  if (!document.querySelector("clinic-assistant")) document.body.append(document.createElement("clinic-assistant"));
};

if (document.body) begin();
else document.addEventListener("DOMContentLoaded", begin, { once: true });
