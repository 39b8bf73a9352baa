// Speaks to the chat API: gets and renews the visitor's token, and brings an answer's events exactly once, also over
// connections that break.
import { readEvents } from "../js/sse.js";

const RENEW_BEFORE_MS = 60_000;
const MOST_ATTEMPTS = 12;
const LONGEST_PAUSE_MS = 15_000;
const LAST_EVENTS = ["done", "error", "person"];

/** What the server refused, or that it could not be reached (`code` "offline"). */
export class Problem extends Error {
  constructor({ status = 0, code = "offline", detail = "", retry_after: retryAfter = null } = {}) {
    super(detail || code);
    Object.assign(this, { status, code, detail, retryAfter });
  }
}

export class Client {
  /** `admitted(admission)` hears of each new token. */
  constructor({ server, bot, store, admitted }) {
    Object.assign(this, { server, bot, store, admitted, identity: null, admitting: null });
  }

  /** Get in, or in anew; who has no wishes of their own shares a request that is under way. */
  admit(wishes) {
    if (this.admitting && !wishes) return this.admitting;
    const own = Promise.resolve(this.admitting).catch(() => {}).then(() => this.#admit(wishes)).finally(() => {
      if (this.admitting === own) this.admitting = null;
    });
    this.admitting = own;
    return own;
  }

  async #admit(wishes) {
    const body = { bot: this.bot, ...(await this.#proof()), ...wishes };
    const token = this.store.get("token");
    if (token) body.token = token;
    let response = await this.#fetch("POST", "visitors", { body });
    if (!response.ok && token && [401, 422].includes(response.status)) {
      // Too old, or signed with keys that are gone: come as somebody new.
      this.store.set({ token: null, conversation: null });
      response = await this.#fetch("POST", "visitors", { body: { ...body, token: "" } });
    }
    const admission = await okay(response);
    this.store.set({
      token: admission.token,
      expires: Date.parse(admission.expires_at),
      conversation: admission.conversation_id,
      visitor: admission.visitor_id,
      profile: admission.bot,
      at: Date.now(),
    });
    this.admitted(admission);
    return admission;
  }

  async #proof() {
    const proof = typeof this.identity === "function" ? await this.identity() : this.identity;
    if (!proof) return {};
    return typeof proof === "string" ? { identity_token: proof } : { identity: proof };
  }

  /** Call a route of the chat API and return its JSON, null when it has none. */
  async call(method, path, body) {
    const response = await okay(await this.#authorized(method, path, { body }), false);
    return response.status === 204 ? null : response.json();
  }

  /**
   * Yield the events of an answer: of one that is asked for now (`path`, `body`), or of one that was begun before
   * (`message`). `lost()` hears of each break.
   */
  answer({ path, body, message = null, lost, signal }) {
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    return this.#events(signal, lost, LAST_EVENTS, (came, attempt, headers) => {
      message = came?.message_id ?? message;
      if (message) return ["GET", `messages/${message}/events`, { headers }];
      // Sent again, it is the same question: its answer comes once more, or goes on.
      const again = attempt ? { "Last-Event-ID": "" } : {};
      const asked = { ...body, stream: true, if_disconnected: "finish" };
      return ["POST", path, { body: asked, headers: { ...headers, "Idempotency-Key": key, ...again } }];
    });
  }

  /** Yield who answers in a conversation, and its messages behind the place `after`, as they come; it has no end. */
  watch(conversation, after, signal) {
    return this.#events(signal, () => {}, [], (came, attempt, headers) => (
      ["GET", `conversations/${conversation}/events?after=${after}`, { headers }]
    ));
  }

  /**
   * Yield events, each once, until one of the `last`. After a broken connection it goes on behind the last event:
   * `request(came, attempt, headers)` says what to ask for when the data `came` have come so far.
   */
  async* #events(signal, lost, last, request) {
    let came = null;
    let lastId = null;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
        const [method, path, options] = request(came, attempt, headers);
        const response = await okay(await this.#authorized(method, path, { ...options, signal }), false);
        for await (const { event, id, data } of readEvents(response.body)) {
          attempt = 0;
          lastId = id;
          came = { ...came, ...data };
          yield { event, data };
          if (last.includes(event)) return;
        }
      } catch (error) {
        if (signal.aborted || !isPassing(error) || attempt >= MOST_ATTEMPTS) throw error;
      }
      if (attempt >= MOST_ATTEMPTS) throw new Problem();
      lost();
      await pause(attempt);
    }
  }

  async #authorized(method, path, options) {
    // Without a token the time is not a number, and no number is greater.
    if (this.admitting || !(this.store.get("expires") > Date.now() + RENEW_BEFORE_MS)) await this.admit();
    const response = await this.#fetch(method, path, options, this.store.get("token"));
    if (response.status !== 401) return response;
    await this.admit();
    return this.#fetch(method, path, options, this.store.get("token"));
  }

  async #fetch(method, path, { body, headers = {}, signal } = {}, token = null) {
    try {
      return await fetch(`${this.server}/v1/chat/${path}`, {
        method,
        signal,
        credentials: "omit",
        headers: {
          ...(body ? { "Content-Type": "application/json" } : {}),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem();
    }
  }
}

async function okay(response, read = true) {
  if (response.ok) return read ? response.json() : response;
  const problem = await response.json().catch(() => ({ code: response.status < 500 ? "refused" : "unavailable" }));
  const wait = Number(response.headers.get("Retry-After")) || null;
  throw new Problem({ ...problem, status: response.status, retry_after: wait });
}

/** Say whether trying again may help: the connection broke, a proxy answered, or the first try is still under way. */
function isPassing(error) {
  if (!(error instanceof Problem)) return error instanceof TypeError || error.name === "NetworkError";
  return ["offline", "unavailable", "idempotency_in_flight"].includes(error.code);
}

/** Wait longer each time, but no longer than until the network is back. */
function pause(attempt) {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.min(LONGEST_PAUSE_MS, 300 * 2 ** attempt) * (0.75 + Math.random() / 2));
    addEventListener("online", resolve, { once: true });
  });
}
