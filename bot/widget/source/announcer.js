// Speaks to screen readers. Regions of their own with plain text, apart from the visible
// log, so that a repaint is never read twice and an urgent word is read at once.

class Announcer {
  constructor() {
    this.polite = el("div", { class: "sr", role: "status", "aria-live": "polite", "aria-atomic": "true" });
    this.urgent = el("div", { class: "sr", role: "alert", "aria-live": "assertive", "aria-atomic": "true" });
    this.waiting = [];
  }

  say(text) {
    this.waiting.push(text);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.#put(this.polite, this.waiting.join(" "));
      this.waiting = [];
    }, 150);
  }

  cry(text) {
    this.#put(this.urgent, text);
  }

  #put(region, text) {
    region.textContent = "";
    // A change after an empty moment is what makes a repeated text heard again; the text is
    // taken away later, so that nobody reading through the page meets it twice.
    setTimeout(() => { region.textContent = text; }, 50);
    clearTimeout(region.timer);
    region.timer = setTimeout(() => { region.textContent = ""; }, 20000);
  }
}
