// Keeps the chat up to date: a stream of server-sent events while the page is looked at,
// polling when streams do not get through or the page is in the background.

class Line {
  static POLL = 4000;
  static POLL_HIDDEN = 30000;
  static SILENCE = 45000;      // ms without a byte before a stream counts as dead; the server writes every 20 s
  static STREAM_AGAIN = 120000;

  constructor(conversation) {
    this.conversation = conversation;
    this.running = false;
    this.noStreamUntil = 0;
    this.failures = 0;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.stop = new AbortController();
    const { signal } = this.stop;
    for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, () => this.wake(), { signal });
    window.addEventListener("offline", () => this.conversation.setLink("offline"), { signal });
    document.addEventListener("visibilitychange", () => this.#looked(), { signal });
    this.#run();
  }

  end() {
    this.running = false;
    this.stop?.abort();
    this.stream?.abort();
    this.wake();
  }

  // The conversation is another one now.
  again() {
    this.stream?.abort();
    this.wake();
  }

  // Do not wait any longer: try now. After sleep a stream may look open and be dead.
  wake() {
    if (this.stream && Date.now() - this.lastByte > 25000) this.stream.abort();
    this.rouse?.();
  }

  #looked() {
    if (document.visibilityState === "visible") this.wake();
    // A hidden tab gives its connection back: browsers allow only six to one host.
    else setTimeout(() => document.visibilityState === "hidden" && this.stream?.abort(), 20000);
  }

  async #run() {
    while (this.running) {
      let wait = 300;
      try {
        const streaming = document.visibilityState === "visible" && Date.now() > this.noStreamUntil;
        if (streaming) await this.#listen();
        else {
          await this.conversation.catchUp();
          wait = document.visibilityState === "visible" ? Line.POLL : Line.POLL_HIDDEN;
        }
        this.failures = 0;
      } catch (error) {
        wait = this.#failed(error);
      }
      if (this.running) await this.#rest(wait);
    }
  }

  #failed(error) {
    this.failures += 1;
    if (error.kind === "gone") return this.failures > 2 ? 30000 : 300;
    if (error.kind === "nostream") {
      this.noStreamUntil = Date.now() + Line.STREAM_AGAIN;
      return 0;
    }
    this.conversation.setLink("offline");
    return backOff(this.failures);
  }

  #rest(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.rouse = () => { clearTimeout(timer); done(); };
    });
  }

  // Read the stream until it ends. Messages that come before the gap since the cursor is
  // filled are shown at once but do not move the cursor.
  async #listen() {
    const { conversation } = this;
    const token = await conversation.ensure();
    await conversation.catchUp();
    this.stream = new AbortController();
    this.lastByte = Date.now();
    const response = await conversation.api.events(token, conversation.cursor, this.stream.signal)
      .catch(() => { throw new ApiError("nostream"); });
    if (response.status === 401 || response.status === 410) {
      conversation.renew(token);
      throw new ApiError("gone");
    }
    const type = response.headers.get("Content-Type") || "";
    if (!response.ok || !response.body || !type.includes("event-stream")) throw new ApiError("nostream");
    const gap = { open: true };
    const filled = conversation.catchUp().then(() => { gap.open = false; });
    try {
      await Promise.all([filled, this.#read(response.body.getReader(), gap, token)]);
    } finally {
      this.stream.abort();
    }
  }

  async #read(reader, gap, token) {
    const decoder = new TextDecoder();
    let rest = "";
    let watch;
    const patient = () => {
      this.lastByte = Date.now();
      clearTimeout(watch);
      watch = setTimeout(() => this.stream.abort(), Line.SILENCE);
    };
    try {
      for (patient(); ; patient()) {
        const { done, value } = await reader.read();
        if (done || token !== this.conversation.token) return;
        const blocks = (rest + decoder.decode(value, { stream: true }).replace(/\r\n?/g, "\n")).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) this.#event(block, gap);
      }
    } catch {
      // A broken stream is no news yet: the next catch-up tells whether the server is gone.
    } finally {
      clearTimeout(watch);
      reader.cancel().catch(() => {});
    }
  }

  #event(block, gap) {
    const fields = { event: "message", data: "" };
    for (const line of block.split("\n")) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) || [];
      if (name === "data") fields.data += (fields.data ? "\n" : "") + value;
      else if (name) fields[name] = value;
    }
    if (fields.event === "typing") this.conversation.heardTyping();
    if (fields.event !== "message" || !fields.data) return;
    try {
      const message = JSON.parse(fields.data);
      this.conversation.merge([message]);
      if (!gap.open) this.conversation.advance([message]);
    } catch { /* not a message: the next catch-up brings what it was */ }
  }
}
