// What this tab remembers, in sessionStorage, so that it dies with the tab. No cookie.

class Keep {
  static KEY = "clinic-assistant";

  constructor(storage) {
    this.storage = storage;
    this.data = this.#read();
  }

  static open() {
    try {
      return new Keep(window.sessionStorage);
    } catch {
      return new Keep(null);  // the browser forbids it: the chat lives as long as the page
    }
  }

  get(name, otherwise = null) {
    return this.data[name] ?? otherwise;
  }

  set(name, value) {
    this.data[name] = value;
    this.#write();
  }

  drop(...names) {
    for (const name of names) delete this.data[name];
    this.#write();
  }

  clear() {
    this.data = {};
    try {
      this.storage?.removeItem(Keep.KEY);
    } catch { /* nothing was stored, so nothing is left */ }
  }

  // Nothing is written from here on, whatever still comes in.
  seal() {
    this.clear();
    this.storage = null;
  }

  #read() {
    try {
      return JSON.parse(this.storage?.getItem(Keep.KEY)) || {};
    } catch {
      return {};
    }
  }

  #write() {
    try {
      this.storage?.setItem(Keep.KEY, JSON.stringify(this.data));
    } catch { /* full or forbidden: the page's own memory still has it */ }
  }
}
