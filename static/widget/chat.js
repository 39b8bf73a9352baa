// One visitor's conversation: its turns, and what can be done with them. Knows nothing of how it is shown: `changed(turn)`
// hears of each change, `happened(name, detail)` of what the page is told as events.
import { Problem } from "./client.js";

const FORGETTABLE = new Set(["no_such_conversation"]);
const BY_BOT = { handling: "bot" };
// Messages that came with the news that the bot answers again are still on their way.
const LAST_NEWS_MS = 3000;

export class Chat {
  constructor({ client, store, changed, happened }) {
    Object.assign(this, { client, store, changed, happened, turns: [], running: null, watching: null, seq: 0 });
    this.handling = BY_BOT;
  }

  get profile() {
    return this.store.get("profile");
  }

  get conversation() {
    return this.store.get("conversation");
  }

  /** Bring back the conversation of earlier page loads, and go on with an answer that is still being made. */
  async restore() {
    if (!this.store.get("asked") || this.turns.length) return;
    const path = `conversations/${this.conversation}/messages`;
    const messages = [];
    try {
      for (let query = "?limit=100"; query;) {
        const page = await this.client.call("GET", path + query);
        messages.push(...page.results);
        query = page.next && new URL(page.next, this.client.server).search;
      }
    } catch (error) {
      if (FORGETTABLE.has(error.code)) this.store.set({ asked: false });
      return;
    }
    // What a person wrote while no page was open is news.
    const seen = this.store.get("seen") ?? Infinity;
    for (const message of messages) this.#hear(message, message.seq > seen);
    this.changed(null);
    this.watch();
    const last = this.turns[this.turns.length - 1];
    if (last?.state === "streaming" && !this.running) await this.#run(last, () => ({ message: last.id }));
  }

  /** Ask a question; one at a time. */
  async ask(text) {
    const question = text.trim();
    if (!question || this.running) return;
    const turn = newTurn(question);
    this.turns.push(turn);
    this.happened("question", { text: question, conversation_id: this.conversation });
    await this.#ask(turn);
  }

  /** Ask the same once more after a failure, or have the last answer made anew. */
  async again(turn) {
    if (this.running) return;
    const earlier = turn.id;
    Object.assign(turn, { ...newTurn(turn.question), questionId: earlier && turn.questionId });
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
      this.#set(turn, { id: data.message_id, questionId: data.question_id });
      this.#put(turn);
    } else if (event === "reset") this.#set(turn, { text: "", citations: [], state: "waiting" });
    else if (event === "delta") this.#set(turn, { text: turn.text + data.text, state: "streaming" });
    else if (event === "citation") this.#set(turn, { citations: [...turn.citations, data] });
    else if (event === "error") this.#fail(turn, new Problem(data));
    else if (event === "done") {
      this.#set(turn, { consulted: data.consulted, state: data.finish_reason === "stopped" ? "stopped" : "done" });
      this.happened("answer", { ...data, text: turn.text, citations: turn.citations });
      // A person is asked for, or has just taken over.
      if (data.answered_by === "handoff" || (turn.state === "stopped" && !turn.isEnding)) this.watch();
    } else if (event === "person") {
      this.#set(turn, { state: "left" });
      this.watch();
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

  // --- people -------------------------------------------------------------------------------------------------------

  /** Ask for a person of the tenant; the bot goes on until one comes. */
  async askForPerson() {
    if (!this.conversation) await this.client.admit();
    this.#handle(await this.client.call("POST", `conversations/${this.conversation}/request-person`, {}));
    this.store.set({ asked: true });
    this.watch();
  }

  /** Hear what is new in the conversation for as long as a person is in it, or waited for. */
  async watch() {
    if (this.watching) return;
    const watching = new AbortController();
    this.watching = watching;
    try {
      for await (const { event, data } of this.client.watch(this.conversation, this.seq, watching.signal)) {
        if (this.watching !== watching) return;
        if (event === "handling") this.#handle(data, watching);
        else this.#hear(data, true);
        this.changed(null);
      }
    } catch {
      // Ended by us, or gone: the next question, or page load, sees to it.
    }
    if (this.watching === watching) this.watching = null;
  }

  #handle(handling, watching) {
    this.handling = handling;
    this.store.set({ isNear: handling.handling !== "bot" });
    if (handling.handling === "bot" && watching) setTimeout(() => watching.abort(), LAST_NEWS_MS);
    this.changed(null);
  }

  /** Put a message in its place, unless it is there already; answers that others took the place of are left out. */
  #hear(message, isNew = false) {
    const { id, seq, role, content, reply_to: question } = message;
    this.seq = Math.max(this.seq, seq);
    const running = this.running?.turn;
    if (role === "user") {
      // One's own may be heard of before its answer begins.
      if (running && !running.questionId && running.question === content) {
        running.questionId = id;
        this.#put(running);
      }
      if (this.turns.some((turn) => turn.questionId === id)) return;
      this.#put({ ...newTurn(content), questionId: id, state: "left" });
    } else if (role === "assistant") {
      const turn = this.turns.find((one) => one.questionId === question);
      if (turn && turn !== running && turn.id !== id && !message.superseded) Object.assign(turn, answerOf(message));
    } else if (!this.turns.some((turn) => turn.id === id)) {
      const person = message.person?.name ?? "";
      this.#put({ ...newTurn(null), id, text: content, state: "person", person });
      if (isNew) this.happened("answer", { message_id: id, text: content, person });
    }
  }

  /** Put a turn into the conversation's order, whichever came first: ids ascend (UUIDv7); what has none stays behind. */
  #put(turn) {
    const place = (one) => one.questionId ?? one.id ?? "";
    const turns = this.turns.filter((one) => one !== turn);
    const at = turns.findIndex((one) => place(one) > place(turn));
    turns.splice(at < 0 ? turns.length : at, 0, turn);
    this.turns = turns;
    this.changed(null);
  }

  /** Note that the visitor has seen all there is. */
  see() {
    this.store.set({ seen: Math.max(this.store.get("seen") ?? 0, this.seq) });
  }

  // --- beginning anew -----------------------------------------------------------------------------------------------

  /** Begin a new conversation; the visitor stays the same. */
  async fresh() {
    this.leave();
    this.store.set({ asked: false, seen: 0 });
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
    this.watching?.abort();
    Object.assign(this, { running: null, watching: null, turns: [], seq: 0, handling: BY_BOT });
  }
}

function newTurn(question) {
  return {
    question, questionId: null, id: null, text: "", state: "waiting", citations: [], problem: null, rating: null,
    isLost: false, isEnding: false,
  };
}

function answerOf(message) {
  const { id, content: text, citations, consulted, status } = message;
  const state = { complete: "done", failed: "failed", streaming: "streaming" }[status] ?? "stopped";
  const problem = state === "failed" ? new Problem({ code: message.error_code }) : null;
  return {
    id, text: state === "streaming" ? "" : text, citations, consulted, state, problem,
    rating: message.feedback?.rating ?? null,
  };
}
