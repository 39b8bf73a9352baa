// One visitor's conversation: its turns, and what can be done with them. Knows nothing of how it is shown: `changed(turn)`
// hears of each change, `happened(name, detail)` of what the page is told as events.
import { Problem } from "./client.js";

const FORGETTABLE = new Set(["no_such_conversation"]);

export class Chat {
  constructor({ client, store, changed, happened }) {
    Object.assign(this, { client, store, changed, happened, turns: [], running: null });
  }

  get profile() {
    return this.store.get("profile");
  }

  /** Bring back the conversation of earlier page loads, and go on with an answer that is still being made. */
  async restore() {
    if (!this.store.get("asked")) return;
    const conversation = this.store.get("conversation");
    const messages = [];
    try {
      let path = `conversations/${conversation}/messages?limit=100`;
      while (path) {
        const page = await this.client.call("GET", path);
        messages.push(...page.results);
        path = page.next && `conversations/${conversation}/messages${new URL(page.next, this.client.server).search}`;
      }
    } catch (error) {
      if (FORGETTABLE.has(error.code)) this.store.set({ asked: false });
      return;
    }
    if (this.turns.length) return; // A question was quicker.
    this.turns = turnsOf(messages);
    this.changed(null);
    const last = this.turns[this.turns.length - 1];
    if (last?.state === "streaming") await this.#run(last, () => ({ message: last.id }));
  }

  /** Ask a question; one at a time. */
  async ask(text) {
    const question = text.trim();
    if (!question || this.running) return;
    const turn = newTurn(question);
    this.turns.push(turn);
    this.happened("question", { text: question, conversation_id: this.store.get("conversation") });
    await this.#ask(turn);
  }

  /** Ask the same once more after a failure, or have the last answer made anew. */
  async again(turn) {
    if (this.running) return;
    const earlier = turn.id;
    Object.assign(turn, newTurn(turn.question));
    if (earlier) await this.#run(turn, () => ({ path: `messages/${earlier}/regenerate`, body: {} }));
    else await this.#ask(turn);
  }

  async #ask(turn) {
    await this.#run(turn, async () => {
      const bot = this.profile ?? (await this.client.admit()).bot;
      return { path: `bots/${encodeURIComponent(bot.id)}/messages`, body: { message: turn.question } };
    });
  }

  /** Have a turn answered by what `request()` names. */
  async #run(turn, request) {
    const running = { turn, abort: new AbortController() };
    this.running = running;
    this.changed(turn);
    try {
      const lost = () => this.#set(turn, { isLost: true });
      const named = await request();
      for await (const { event, data } of this.client.answer({ ...named, lost, signal: running.abort.signal })) {
        if (this.running !== running) return;
        this.#take(turn, event, data);
        if (running.isStopped && turn.id) this.#end(turn);
      }
    } catch (error) {
      if (this.running !== running) return;
      this.#fail(turn, error instanceof Problem ? error : new Problem({ code: "broken", detail: String(error) }));
    } finally {
      if (this.running === running) {
        this.running = null;
        this.changed(turn);
      }
    }
  }

  #take(turn, event, data) {
    if (event === "conversation") {
      this.store.set({ asked: true, conversation: data.conversation_id });
      this.#set(turn, { id: data.message_id });
    } else if (event === "reset") this.#set(turn, { text: "", citations: [], state: "waiting" });
    else if (event === "delta") this.#set(turn, { text: turn.text + data.text, state: "streaming" });
    else if (event === "citation") this.#set(turn, { citations: [...turn.citations, data] });
    else if (event === "error") this.#fail(turn, new Problem(data));
    else if (event === "done") {
      this.#set(turn, { state: data.finish_reason === "stopped" ? "stopped" : "done" });
      this.happened("answer", { ...data, text: turn.text, citations: turn.citations });
    } else this.#set(turn, {});
  }

  #fail(turn, problem) {
    this.#set(turn, { state: "failed", problem });
    this.happened("error", { code: problem.code, status: problem.status, detail: problem.detail });
  }

  #set(turn, values) {
    Object.assign(turn, { isLost: false }, values);
    this.changed(turn);
  }

  stop() {
    const running = this.running;
    if (!running || running.isStopped) return;
    running.isStopped = true;
    // Before the answer has an id there is nothing to name; its first event brings it.
    if (running.turn.id) this.#end(running.turn);
  }

  #end(turn) {
    if (turn.isEnding) return;
    turn.isEnding = true;
    // It may just have ended by itself; else the stream says so.
    this.client.call("POST", `messages/${turn.id}/stop`).catch(() => {});
  }

  /** Say what one thinks of an answer: "up", "down", or null to take it back. */
  async rate(turn, rating, comment = "") {
    const before = turn.rating;
    this.#set(turn, { rating });
    try {
      const path = `messages/${turn.id}/feedback`;
      await (rating ? this.client.call("PUT", path, { rating, comment }) : this.client.call("DELETE", path));
      this.happened("feedback", { message_id: turn.id, rating, comment });
    } catch (error) {
      this.#set(turn, { rating: before });
      this.happened("error", { code: error.code, status: error.status, detail: error.detail });
      throw error;
    }
  }

  /** Begin a new conversation; the visitor stays the same. */
  async fresh() {
    this.leave();
    this.store.set({ asked: false });
    this.changed(null);
    await this.client.admit({ new_conversation: true });
  }

  /** Forget visitor and conversation on this device. */
  forget() {
    this.leave();
    this.store.forget();
    this.changed(null);
  }

  /** Let go of the turns; the server finishes and keeps an answer that is under way. */
  leave() {
    this.running?.abort.abort();
    this.running = null;
    this.turns = [];
  }
}

function newTurn(question) {
  return {
    question, id: null, text: "", state: "waiting", citations: [], problem: null, rating: null, isLost: false,
    isEnding: false,
  };
}

/** Join the messages of a conversation to turns; answers that others took the place of are left out. */
function turnsOf(messages) {
  const turns = new Map();
  for (const message of messages) {
    if (message.role === "user") turns.set(message.id, { ...newTurn(message.content), state: "failed" });
    else if (!message.superseded && turns.has(message.reply_to)) Object.assign(turns.get(message.reply_to), answerOf(message));
  }
  return [...turns.values()];
}

function answerOf(message) {
  const { id, content: text, citations, status } = message;
  const state = { complete: "done", failed: "failed", streaming: "streaming" }[status] ?? "stopped";
  const problem = state === "failed" ? new Problem({ code: message.error_code }) : null;
  return {
    id, text: state === "streaming" ? "" : text, citations: state === "streaming" ? [] : citations, state, problem,
    rating: message.feedback?.rating ?? null,
  };
}
