// What the patient wrote and the server has not yet confirmed. Kept in the tab, sent in
// order, each under an id of its own, so that sending twice is the same as sending once.

const uuid = () => (crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte, i) => ((i === 6 ? (byte & 15) | 64 : i === 8 ? (byte & 63) | 128 : byte) + 256).toString(16).slice(1))
  .join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));  // plain http has no randomUUID

const backOff = (failures) => Math.min(1000 * 2 ** Math.max(0, failures - 1), 30000) * (0.75 + Math.random() / 2);

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

class Outbox {
  static PATIENCE = 3000;  // ms that a message waits for the one before it to be answered

  // `deliver(item)` sends one message and rejects with an ApiError; `changed()` repaints.
  constructor(keep, deliver, changed) {
    this.keep = keep;
    this.deliver = deliver;
    this.changed = changed;
    this.failures = 0;
    this.items = (keep.get("outbox") || []).map((item) => ({ ...item, flying: false, tries: 0 }));
  }

  add(text, choice = null) {
    const item = { client_id: uuid(), text, choice, state: "sending", at: new Date().toISOString(), tries: 0 };
    this.items.push(item);
    this.#save();
    this.pump();
    return item;
  }

  remove(clientId) {
    const at = this.items.findIndex((item) => item.client_id === clientId);
    if (at < 0) return null;
    const [item] = this.items.splice(at, 1);
    this.#save();
    return item;
  }

  empty() {
    this.items = [];
    this.#save();
  }

  get busy() {
    return this.items.some((item) => item.flying);
  }

  // Try again at once: by a tap on one message, or because the line is back.
  retry(clientId = null) {
    for (const item of this.items) {
      if (item.client_id === clientId) Object.assign(item, { held: false, tries: 0, state: "sending" });
    }
    this.failures = 0;
    this.#save();
    this.pump();
  }

  // One turn at a time: the next message goes when the one before it is answered, or after
  // a short patience, so that a slow answer never holds up a call for help.
  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    clearTimeout(this.timer);
    try {
      for (let item = this.#next(); item; item = this.#next()) {
        const outcome = await Promise.race([this.#attempt(item), pause(Outbox.PATIENCE).then(() => "slow")]);
        if (outcome === "stop") break;
      }
    } finally {
      this.pumping = false;
    }
  }

  #next() {
    return this.items.find((item) => !item.flying && !item.held && item.state !== "refused");
  }

  async #attempt(item) {
    Object.assign(item, { flying: true, state: item.tries > 1 ? "unsent" : "sending", tries: item.tries + 1 });
    this.#save();
    try {
      await this.deliver(item);
      this.failures = 0;
      return "sent";
    } catch (error) {
      return this.#failed(item, error);
    } finally {
      item.flying = false;
      this.#save();
    }
  }

  #failed(item, error) {
    if (error.kind === "refused") {
      Object.assign(item, { state: "refused", why: error.message });
      return "go on";
    }
    if (item.tries >= 2) item.state = "unsent";
    // A server that answers but chokes on this one must not keep the next ones from it.
    if (error.status >= 500 && item.tries >= 3) item.held = true;
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), error.after ? error.after * 1000 : backOff(this.failures));
    return "stop";
  }

  #save() {
    const plain = this.items.map(({ client_id, text, choice, state, at, why, held }) => (
      { client_id, text, choice, state, at, why, held }));
    this.keep.set("outbox", plain);
    this.changed();
  }
}
