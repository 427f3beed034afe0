// The chat as data: what was said, what waits to be sent, and whether the server is there.
// Knows nothing of the screen; whoever shows it listens for "change".

class Conversation extends EventTarget {
  constructor(api, keep) {
    super();
    this.api = api;
    this.keep = keep;
    this.messages = new Map();
    this.link = "idle";          // idle, connecting, online, offline
    this.helpers = keep.get("helpers") || [];  // the crisis lines pinned since they were first shown
    // The id up to which this page misses nothing. Answers to our own messages do not move
    // it, since a staff member's may have come before them.
    this.cursor = 0;
    this.typingUntil = 0;
    this.starting = null;
    this.movedFrom = null;       // the token of the chat that the next one takes the place of
    this.outbox = new Outbox(keep, (item) => this.#deliver(item), () => this.#changed());
    this.tabs = new Tabs(api.base, (news) => this.#heard(news));
  }

  get token() { return this.keep.get("token"); }

  get sorted() { return [...this.messages.values()].sort((a, b) => a.id - b.id); }

  get typing() { return this.outbox.busy || this.link === "connecting" || Date.now() < this.typingUntil; }

  // Return the token, from this tab, from another, or from the server; raises ApiError.
  ensure() {
    if (this.token) return Promise.resolve(this.token);
    this.starting ||= this.#begin().finally(() => { this.starting = null; });
    return this.starting;
  }

  async #begin() {
    if (this.link === "idle") this.setLink("connecting");
    // A server that takes this long may as well be away: help is shown while we go on waiting.
    setTimeout(() => { if (this.link === "connecting") this.setLink("offline"); }, 4000);
    const moved = this.movedFrom;
    if (!moved && await this.#askTabs()) return this.token;
    try {
      const { conversation, messages } = await this.api.start();
      if (!conversation) throw new ApiError("down");
      this.keep.set("token", conversation);
      this.keep.set("noticed", Date.now());
      this.movedFrom = null;
      if (moved) this.tabs.tell({ type: "moved", from: moved, token: conversation });
      this.setLink("online");
      this.merge(messages);
      return conversation;
    } catch (error) {
      this.setLink("offline");
      throw error instanceof ApiError && error.kind === "down" ? error : new ApiError("down");
    }
  }

  async #askTabs() {
    this.tabs.tell({ type: "hello" });
    await pause(80);
    return Boolean(this.token);
  }

  say(text) {
    return this.outbox.add(text);
  }

  choose(message, choice) {
    this.keep.set("chosen", { ...this.keep.get("chosen", {}), [message.id]: choice.id });
    return this.outbox.add(choice.label, choice.id);
  }

  // Which of a message's choices was taken: here, or in another tab.
  chosen(message) {
    const here = this.keep.get("chosen", {})[message.id];
    if (here) return here;
    const next = this.sorted.find((other) => other.id > message.id && other.from === "patient");
    const match = next && (message.choices || []).find((choice) => choice.id === next.choice || choice.label === next.text);
    return match ? match.id : null;
  }

  async #deliver(item) {
    const token = await this.ensure();
    try {
      const reply = await this.api.send(token, item);
      this.setLink("online");
      if (reply.kept === false) {  // answered, and kept nowhere: show the answer and send it again later
        this.merge(reply.messages || []);
        throw new ApiError("down", { status: 503 });
      }
      if (token === this.token) this.merge(this.#withOwn(item, reply.messages || []));
      this.outbox.remove(item.client_id);
    } catch (error) {
      if (error.kind === "gone") {
        this.renew(token);
        throw new ApiError("down", { after: 0.2 });
      }
      if (error.kind === "down" && !error.status) this.setLink("offline");
      throw error;
    }
  }

  // A server whose records are down still answers, but cannot hand our message back.
  #withOwn(item, messages) {
    if (messages.some((message) => message.client_id === item.client_id)) return messages;
    return [{ id: null, from: "patient", text: item.text, client_id: item.client_id, at: item.at }, ...messages];
  }

  // What is not on record has no id: it goes after everything that has.
  #numbered(message) {
    return message.id === null || message.id === undefined
      ? { ...message, id: Math.max(0, ...this.messages.keys()) + 0.001 } : message;
  }

  // Fetch what is missing since the cursor and move it; raises ApiError.
  async catchUp() {
    const token = await this.ensure();
    try {
      const { messages } = await this.api.after(token, this.cursor);
      if (token !== this.token) return;  // the chat was cleared meanwhile
      this.setLink("online");
      this.merge(messages);
      this.advance(messages);
    } catch (error) {
      if (error.kind === "gone") this.renew(token);
      throw error;
    }
  }

  advance(messages = []) {
    this.cursor = Math.max(this.cursor, ...messages.map((message) => message.id));
  }

  merge(messages = [], tell = true) {
    let fresh = false;
    for (const raw of messages) {
      const message = this.#numbered(raw);
      const known = this.messages.has(message.id);
      if (!known) {
        this.#dropUnrecorded(message);
        if (message.from !== "patient") this.typingUntil = 0;
        this.messages.set(message.id, message);
        this.#pin(message);
        fresh = true;
      }
      // Only now, so that nobody sees the moment between.
      if (message.client_id) this.outbox.remove(message.client_id);
    }
    if (fresh && tell && this.token) this.tabs.tell({ type: "messages", token: this.token, messages });
    if (fresh) this.#changed();
  }

  // What was shown before it was on record goes when its record comes.
  #dropUnrecorded(message) {
    if (!message.client_id) return;
    for (const [id, shown] of this.messages) {
      if (!Number.isInteger(id) && shown.client_id === message.client_id && shown.from === message.from
        && (Number.isInteger(message.id) || shown.text === message.text)) this.messages.delete(id);
    }
  }

  #pin(message) {
    if (!isCrisis(message)) return;
    const lines = (message.resources || []).filter((line) => /^(tel|sms):/.test(line.href || ""));
    if (lines.length) this.helpers = lines;
    else if (!this.helpers.length) this.helpers = lifelines();
    this.keep.set("helpers", this.helpers);
  }

  // The token is not known any more: begin anew, and keep what was not sent.
  renew(token) {
    if (token && token !== this.token) return;
    const hadChat = this.messages.size > 0;
    this.movedFrom = this.token;
    this.#forget({ keepUnsent: true });
    if (hadChat) this.dispatchEvent(new CustomEvent("renewed"));
  }

  // The patient starts over: an empty screen here, the clinic keeps its copy.
  async restart() {
    this.movedFrom = this.token;
    this.#forget({ keepUnsent: true });
    this.dispatchEvent(new Event("restarted"));
    await this.ensure().catch(() => {});
  }

  // The patient clears the chat. Return what to tell them: the server's words, or null when
  // only this screen is cleared.
  async erase() {
    const token = this.token;
    let answer = { message: "" };
    if (token) answer = await this.api.erase(token).catch((error) => (error.kind === "gone" ? { message: "" } : null));
    this.tabs.tell({ type: "leave" });
    this.forgetAll();
    if (!answer) return null;
    return answer.message || (answer.messages || []).map((message) => message.text).join("\n");
  }

  forgetAll() {
    this.helpers = [];
    this.movedFrom = null;
    this.#forget({ keepUnsent: false });
    this.keep.clear();
    this.dispatchEvent(new Event("restarted"));
  }

  #forget({ keepUnsent }) {
    this.messages.clear();
    this.typingUntil = 0;
    this.cursor = 0;
    this.keep.drop("token", "chosen", "told", "noticed");
    if (!keepUnsent) this.outbox.empty();
    this.#changed();
  }

  #heard(news) {
    if (news.type === "hello" && this.token) this.tabs.tell({ type: "token", token: this.token });
    if (news.type === "token" && !this.token && this.starting) this.keep.set("token", news.token);
    if (news.type === "moved" && this.token && news.from === this.token) {
      this.#forget({ keepUnsent: true });
      this.keep.set("token", news.token);
      this.dispatchEvent(new Event("restarted"));
    }
    if (news.type === "messages" && news.token === this.token) this.merge(news.messages, false);
    if (news.type === "leave") {
      this.forgetAll();
      this.dispatchEvent(new Event("left"));
    }
  }

  // Tell a person of the clinic, if one is in this chat, that the patient is typing.
  saysTyping() {
    const person = this.sorted.findLast((message) => message.from === "staff" || message.kind === "handoff");
    if (!person || !this.token || Date.now() - (this.saidTyping || 0) < 3000) return;
    this.saidTyping = Date.now();
    this.api.sign(this.token, { typing: true });
  }

  tapped(href) {
    if (this.token) this.api.sign(this.token, { tapped: href.replace(/\?.*$/, "") });
  }

  heardTyping() {
    this.typingUntil = Date.now() + 6000;
    this.#changed();
    setTimeout(() => this.#changed(), 6100);
  }

  setLink(state) {
    if (state === this.link) return;
    const before = this.link;
    this.link = state;
    if (state === "online" && before === "offline") this.outbox.retry();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
