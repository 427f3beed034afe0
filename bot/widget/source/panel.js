// The window of the chat: what stands where, and what each part does.

class Panel {
  constructor(conversation, { onclose, onexit, onlanguage }) {
    this.conversation = conversation;
    this.announcer = new Announcer();
    this.onlanguage = onlanguage;
    this.log = new Log(conversation, {
      onchoose: (message, choice) => conversation.choose(message, choice),
      onretry: (item) => { conversation.outbox.retry(item.client_id); this.composer.input.focus(); },
      onedit: (item) => this.#edit(item),
      onfill: (text) => this.#send(text),
      ontyping: () => this.announcer.say(conversation.link === "connecting" ? SPEECH.t.connecting : SPEECH.t.typing),
      onlostfocus: () => this.composer.input.focus(),
    });
    this.composer = new Composer((text) => this.#send(text), (text) => {
      conversation.keep.set("draft", text);
      if (text) conversation.saysTyping();
    });
    this.menu = new Menu({
      person: () => this.#send(SPEECH.t.personText),
      restart: () => this.#restart(),
      clear: () => this.#askToClear(),
      save: () => this.#save(),
      language: () => this.onlanguage(SPEECH.t.otherLang),
    });
    this.title = el("h2", { id: "title", tabindex: "-1" });
    this.notice = el("p", { class: "notice", id: "notice" });
    this.exit = el("button", { type: "button", class: "exit", onclick: onexit });
    this.close = el("button", { type: "button", class: "bar-button", onclick: onclose }, icon("close"));
    this.pinned = el("div", { class: "slot" });
    this.offline = el("div", { class: "slot" });
    this.ask = el("div", { class: "slot" });
    this.foot = el("div", { class: "foot" });
    this.root = el("dialog", { class: "panel", "aria-labelledby": "title", "aria-describedby": "notice" },
      el("div", { class: "bar" }, this.title, this.exit, this.menu.root, this.close, this.notice),
      this.pinned, el("div", { class: "middle" }, this.log.root, this.log.jump),
      this.ask, this.composer.root, this.foot, this.announcer.polite, this.announcer.urgent);
    // The clinic learns that a help line was tapped: not what was said on it.
    this.root.addEventListener("click", ({ target }) => {
      const line = target.closest?.('a[href^="tel:"], a[href^="sms:"]');
      if (line) conversation.tapped(line.getAttribute("href"));
    });
    this.log.root.insertBefore(this.offline, this.log.typing);
    this.composer.put(conversation.keep.get("draft", ""));
    this.translate();
  }

  translate() {
    const { t } = SPEECH;
    this.title.textContent = t.title(SETTINGS.clinic);
    this.notice.textContent = t.notice;
    this.exit.replaceChildren(icon("exit"), el("span", { class: "long" }, t.exit), el("span", { class: "short" }, t.exitShort));
    this.exit.setAttribute("aria-label", t.exit);
    this.exit.title = t.exitHint;
    this.close.setAttribute("aria-label", t.close);
    this.close.title = t.close;
    this.foot.replaceChildren(footerNode());
    for (const part of [this.log, this.menu, this.composer]) part.translate();
    this.shown = {};
    this.paint(true);
  }

  // Repaint what changed. Return the messages that came new.
  paint(quiet = false) {
    const { conversation } = this;
    const fresh = this.log.paint();
    this.#paintHelp(quiet);
    if (!quiet) this.#announce(fresh);
    return fresh;
  }

  #paintHelp(quiet) {
    const { helpers, link } = this.conversation;
    const pinned = JSON.stringify(helpers);
    if (pinned !== this.shown.pinned) {
      this.pinned.replaceChildren(...(helpers.length ? [pinnedNode(helpers)] : []));
      this.shown.pinned = pinned;
    }
    const offline = link === "offline";
    if (offline === this.shown.offline) return;
    const focused = this.offline.contains(this.root.getRootNode().activeElement);
    this.offline.replaceChildren(...(offline ? [offlineNode(() => this.#tryAgain())] : []));
    if (focused) this.composer.input.focus();
    if (offline) this.log.toEnd();
    if (offline && !quiet) {
      const lines = lifelines().map((line) => line.label).join(". ");
      this.announcer.say(`${SPEECH.t.offlineTitle}. ${SPEECH.t.announceHelp} ${lines}.`);
    } else if (this.shown.offline && !quiet) this.announcer.say(SPEECH.t.back);
    this.shown.offline = offline;
  }

  // Each message is spoken once, also after a reload.
  #announce(fresh) {
    const told = this.conversation.keep.get("told", 0);
    const news = fresh.filter((message) => message.from !== "patient" && message.id > told);
    if (!news.length) return;
    this.conversation.keep.set("told", Math.max(told, ...news.map((message) => message.id)));
    // A chat taken over from another tab was heard there: only its end is repeated.
    for (const message of news.slice(-3)) {
      if (!isCrisis(message)) this.announcer.say(spoken(message));
      else {
        const lines = this.conversation.helpers.map((line) => line.label).join(". ");
        this.announcer.cry(`${spoken(message)} ${SPEECH.t.announceHelp} ${lines}.`);
      }
    }
  }

  #send(text) {
    this.conversation.say(text);
    this.log.toEnd();
  }

  #edit(item) {
    this.conversation.outbox.remove(item.client_id);
    this.composer.put(item.text);
    this.composer.input.focus();
  }

  #tryAgain() {
    this.conversation.outbox.retry();
    this.conversation.dispatchEvent(new Event("wake"));
  }

  async #restart() {
    this.composer.input.focus();
    await this.conversation.restart();
  }

  #askToClear() {
    const { t } = SPEECH;
    const done = () => { this.ask.replaceChildren(); this.composer.input.focus(); };
    this.ask.replaceChildren(askNode({
      title: t.clearAsk, text: t.clearNote, yes: t.clearYes, no: t.cancel, onno: done,
      onyes: async () => { done(); await this.#clear(); },
    }));
    this.ask.querySelector(".quiet").focus();
  }

  async #clear() {
    const { t } = SPEECH;
    const answer = await this.conversation.erase();
    this.composer.put("");
    const word = answer === null ? t.clearedHereOnly(SETTINGS.phone) : answer || t.cleared;
    this.log.note(word);
    this.announcer.say(word);
  }

  // The chat as a text file, made in the browser.
  #save() {
    const { t, lang } = SPEECH;
    const lines = this.conversation.sorted.map((message) => (
      `${new Date(message.at).toLocaleString(lang)}  ${t[message.from] || t.bot}\n${message.text}\n`));
    const url = URL.createObjectURL(new Blob([lines.join("\n")], { type: "text/plain" }));
    el("a", { href: url, download: "chat.txt" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
}
