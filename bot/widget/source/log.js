// The visible log: messages in the server's order, then what waits to be sent.

class Log {
  constructor(conversation, callbacks) {
    this.conversation = conversation;
    this.callbacks = callbacks;
    this.nodes = new Map();
    this.list = el("ol", { class: "messages", role: "list" });
    this.typing = el("div", { class: "typing", hidden: true, "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.tail = el("div", { class: "notes" });
    this.root = el("div", { class: "log", role: "region", tabindex: "0" }, this.list, this.tail, this.typing);
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() });
    this.root.addEventListener("scroll", () => { if (this.atEnd) this.jump.hidden = true; }, { passive: true });
    this.translate();
  }

  translate() {
    this.form = null;
    this.root.setAttribute("aria-label", SPEECH.t.log);
    this.jump.replaceChildren(icon("down"), SPEECH.t.unread);
    this.nodes.clear();
    this.list.replaceChildren();
  }

  // On very low screens the whole window scrolls instead of the log.
  get scroller() {
    return getComputedStyle(this.root).overflowY === "visible" ? this.root.closest(".panel") : this.root;
  }

  get below() {
    const { scroller } = this;
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  }

  get atEnd() { return this.below < 60; }

  // A line from the widget itself, such as "this chat is cleared".
  note(text) {
    this.tail.append(el("p", { dir: "auto" }, text));
    this.toEnd();
  }

  clear() {
    this.nodes.clear();
    this.list.replaceChildren();
    this.tail.replaceChildren();
  }

  paint() {
    const { conversation } = this;
    const { sorted, outbox, link } = conversation;
    const wasAtEnd = this.atEnd;
    const keys = [...sorted.map((m) => `m${m.id}`), ...outbox.items.map((item) => item.client_id)];
    this.#drop(new Set(keys));
    const fresh = [];
    for (const message of sorted) {
      const key = `m${message.id}`;
      if (!this.nodes.has(key)) {
        this.nodes.set(key, messageNode(message, this.callbacks.onchoose));
        fresh.push(message);
      }
      if (message.choices?.length) paintChoices(this.nodes.get(key), conversation.chosen(message));
    }
    for (const item of outbox.items) {
      if (!this.nodes.has(item.client_id)) this.nodes.set(item.client_id, pendingNode(item, this.callbacks));
      this.nodes.get(item.client_id).paint(item, link === "offline");
    }
    this.#order(keys);
    this.#showForm(sorted.at(-1), outbox.items.length > 0);
    this.#markSent(sorted, outbox.items.length > 0);
    this.#showTyping();
    if (fresh.length || outbox.items.length) this.#follow(fresh, wasAtEnd);
    if (fresh.length && this.form?.root.contains(this.root.getRootNode().activeElement)) this.form.root.scrollIntoView({ block: "nearest" });
    return fresh;
  }

  #drop(wanted) {
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      if (node.contains(this.root.getRootNode().activeElement)) this.callbacks.onlostfocus();
      node.remove();
      this.nodes.delete(key);
    }
  }

  // Move a node only when it is out of place, since moving loses focus and open details.
  #order(keys) {
    let before = null;
    for (const key of [...keys].reverse()) {
      const node = this.nodes.get(key);
      if (node.parentNode !== this.list || node.nextSibling !== before) this.list.insertBefore(node, before);
      before = node;
    }
  }

  // A form stands under the last message while that one asks for something, and goes when it was answered.
  #showForm(last, answered) {
    const asking = !answered && last && last.from !== "patient" && ASKS[last.input] ? last : null;
    if (asking?.id === this.form?.message && (!asking || this.form.root.isConnected)) return;
    this.#dropForm();
    if (!asking) {
      if (!answered && last?.from !== "patient") this.filling = false;
      return;
    }
    const { keep } = this.conversation;
    this.form = new AskForm(asking.input, {
      id: `ask-${asking.id}`, typed: keep.get("fields", {}), onkeep: (typed) => keep.set("fields", typed),
      onsend: (text) => { this.filling = true; keep.drop("fields"); this.callbacks.onfill(text); },
    });
    this.form.message = asking.id;
    const focused = this.root.getRootNode().activeElement;
    this.nodes.get(`m${asking.id}`).append(this.form.root);
    // Whoever has just taken a choice or filled in the form before goes on here.
    const follow = this.form.follows && (focused?.matches?.(".choice") || (this.filling && !focused?.value));
    if (follow) this.form.input.focus();
    this.filling = false;
  }

  #dropForm() {
    if (!this.form) return;
    if (this.form.root.contains(this.root.getRootNode().activeElement)) this.callbacks.onlostfocus();
    this.form.root.remove();
    this.form = null;
  }

  #markSent(sorted, waiting) {
    const last = sorted.findLast((message) => message.from === "patient");
    for (const message of sorted) {
      if (message.from !== "patient") continue;
      const state = this.nodes.get(`m${message.id}`).querySelector(".state");
      state.textContent = message === last && !waiting ? SPEECH.t.sent : "";
    }
  }

  // Only after a moment: most answers are there before anyone could read "typing".
  #showTyping() {
    const { typing } = this.conversation;
    const show = typing && this.conversation.link !== "offline";
    if (!show) {
      clearTimeout(this.soon);
      this.soon = null;
      this.typing.hidden = true;
    } else if (!this.soon) {
      this.soon = setTimeout(() => {
        this.typing.hidden = false;
        this.callbacks.ontyping();
        if (this.below < 160) this.toEnd();
      }, 300);
    }
  }

  // Show the beginning of a new answer, not its end; leave someone who reads further up alone.
  #follow(fresh, wasAtEnd) {
    const first = fresh.find((message) => message.from !== "patient");
    const { scroller } = this;
    if (!wasAtEnd && first && first.kind !== "crisis" && scroller.scrollTop > 0) {
      this.jump.hidden = false;
      return;
    }
    const node = first && fresh.length < 4 && this.#from(this.nodes.get(`m${first.id}`));
    this.toEnd();
    if (!node) return;
    const over = node.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 8;
    if (over < 0) scroller.scrollTop += over;
  }

  // A short question stays in view above its answer, unless help needs the room.
  #from(node) {
    const question = node.previousElementSibling;
    const room = this.scroller.clientHeight / 4;
    const keep = question?.matches(".from-patient") && question.offsetHeight < room && !node.matches(".crisis");
    return keep ? question : node;
  }

  toEnd() {
    const { scroller } = this;
    scroller.scrollTop = scroller.scrollHeight;
    this.jump.hidden = true;
  }
}
