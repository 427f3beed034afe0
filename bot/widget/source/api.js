// The gateway's calls. Every failure is one of three kinds:
//   "gone"     the token is not known any more
//   "refused"  the message itself is at fault, with words for the patient
//   "down"     nothing or nothing sensible came back: try again

class ApiError extends Error {
  constructor(kind, { status = 0, message = "", after = 0 } = {}) {
    super(message || kind);
    this.kind = kind;
    this.status = status;
    this.after = after;  // seconds that the server asks us to wait
  }
}

const REFUSED = new Set([400, 403, 404, 413, 415, 422]);
const GONE = new Set([401, 410]);

class Api {
  constructor(base, seconds = 20) {
    this.base = base;
    this.seconds = seconds;
    this.lang = "en";
  }

  start() {
    return this.#json("POST", "/api/conversations", { body: { channel: "web", language: this.lang, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone } });
  }

  send(token, item) {
    const what = item.choice ? { choice: item.choice } : { text: item.text };
    return this.#json("POST", "/api/messages", { token, body: { client_id: item.client_id, ...what } });
  }

  after(token, id) {
    return this.#json("GET", `/api/messages?after=${encodeURIComponent(id)}`, { token });
  }

  erase(token) {
    return this.#json("DELETE", "/api/conversations", { token });
  }

  // A small sign that nobody waits for: typing, or a help line that was tapped.
  sign(token, what) {
    return this.#json("POST", "/api/signs", { token, body: what }).catch(() => {});
  }

  // The stream of events. EventSource cannot send a token, so this reads a fetch response.
  events(token, lastId, signal) {
    const headers = { ...this.#headers(token), Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = String(lastId);
    return fetch(`${this.base}/api/events`, { ...Api.QUIET, headers, signal });
  }

  static QUIET = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", redirect: "error" };

  #headers(token) {
    return { "Accept-Language": this.lang, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  }

  async #json(method, path, { token = null, body = null } = {}) {
    const headers = this.#headers(token);
    if (body) headers["Content-Type"] = "application/json";
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), this.seconds * 1000);
    try {
      const response = await fetch(this.base + path, {
        ...Api.QUIET, method, headers, signal: stop.signal,
        body: body ? JSON.stringify(body) : undefined,
        keepalive: method === "POST",  // leaving the page does not lose what was just sent
      });
      if (!response.ok) throw await Api.#failure(response);
      return response.status === 204 ? {} : await response.json();
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError("down");
    } finally {
      clearTimeout(timer);
    }
  }

  static async #failure(response) {
    const { error } = await response.json().catch(() => ({}));
    const kind = GONE.has(response.status) ? "gone" : REFUSED.has(response.status) ? "refused" : "down";
    const after = Math.min(Number(response.headers.get("Retry-After")) || 0, 60);
    return new ApiError(kind, { status: response.status, message: error?.message || "", after });
  }
}
