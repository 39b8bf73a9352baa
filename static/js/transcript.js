// A conversation in a page: asks, shows the answer as it comes, its sources, and how long it took.
// Every <div data-chat> of `components/chat.html` starts by itself; `chatIn(element)` gives a page's own module its handle.
import { renderMarkdown, showRendered } from "../widget/markdown.js";
import { csrfToken } from "./forms.js";
import { signedOut } from "./session.js";
import { readEvents } from "./sse.js";

const PLACEHOLDER = "00000000-0000-0000-0000-000000000000";
const NEAR_END_PX = 96;
const chats = new WeakMap();

for (const root of document.querySelectorAll("[data-chat]")) chats.set(root, startChat(root));

// The handle of the conversation in `root`: `ask(text)`, `reset()`, `stop()`, and `extra`, a function whose object is
// sent with each question. On `root` come the events `chat:event` (detail: { event, data, turn }) and `chat:end` (detail: turn).
export function chatIn(root) { return chats.get(root); }

function startChat(root) {
  const words = root.dataset;
  const log = root.querySelector(".chat__log");
  const form = root.querySelector("form");
  const box = form.querySelector("textarea");
  const [send, stop] = [form.querySelector("[data-send]"), form.querySelector("[data-stop]")];
  const status = root.querySelector("[data-status]");
  const chat = { ask, reset, stop: () => running?.abort(), extra: () => ({}), conversation: words.conversation || null };
  let running = null;

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(box.value); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "Escape") chat.stop();
  });
  stop.addEventListener("click", chat.stop);
  root.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-question]");
    if (suggestion) ask(suggestion.textContent);
  });
  // Every module of the page has run by then: what is asked from now on is sent, with all that they add.
  document.addEventListener("DOMContentLoaded", () => { words.live = ""; });
  follow(true);
  return chat;

  function reset() {
    chat.stop();
    chat.conversation = null;
    for (const turn of log.querySelectorAll(".turn:not(.turn--welcome)")) turn.remove();
    box.focus();
  }

  async function ask(text) {
    const message = text.trim();
    if (!message || running) return;
    box.value = "";
    child(log, "div", "turn turn--user", message).dir = "auto";
    const turn = newTurn();
    follow(true);
    setRunning(new AbortController());
    try {
      await stream(message, turn);
    } catch (error) {
      if (error.name === "AbortError") turn.facts.textContent = words.stopped;
      else fail(turn, words.lost, message);
    } finally {
      turn.thinking.remove();
      setRunning(null);
      box.focus();
      root.dispatchEvent(new CustomEvent("chat:end", { detail: turn }));
    }
  }

  async function stream(message, turn) {
    const response = await fetch(words.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept": "text/event-stream", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({ message, conversation_id: chat.conversation, stream: true, ...chat.extra() }),
      signal: running.signal,
    });
    if (response.status === 401) signedOut(box);
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      chat.conversation = problem?.conversation_id ?? chat.conversation;
      return fail(turn, problem?.detail ?? words.failed, message);
    }
    let finished = false;
    for await (const { event, data } of readEvents(response.body)) {
      if (event === "conversation") chat.conversation = data.conversation_id;
      if (event === "reset") clear(turn);
      if (event === "delta") write(turn, data.text);
      if (event === "citation") addSource(turn, data);
      if (event === "usage") turn.usage = data;
      if (event === "done") { finished = true; await finish(turn, data); }
      if (event === "error") { finished = true; fail(turn, data.detail, message); }
      root.dispatchEvent(new CustomEvent("chat:event", { detail: { event, data, turn } }));
      follow();
    }
    if (!finished) fail(turn, words.broken, message);
  }

  async function finish(turn, done) {
    turn.done = done;
    for (const source of done.consulted ?? []) addSource(turn, source, words.consulted);
    const seconds = (ms) => (ms / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    const facts = [];
    if (done.first_token_ms != null) facts.push(words.first.replace("%s", seconds(done.first_token_ms)));
    if (done.total_ms != null) facts.push(words.whole.replace("%s", seconds(done.total_ms)));
    if (turn.usage?.total_tokens) facts.push(words.tokens.replace("%s", turn.usage.total_tokens.toLocaleString(document.documentElement.lang)));
    if (Number(turn.usage?.cost)) facts.push(`${turn.usage.cost} ${turn.usage.currency}`);
    if (done.model) facts.push(done.model);
    turn.facts.textContent = facts.join(" · ");
    const rendered = await fetch(words.answerUrl.replace(PLACEHOLDER, done.message_id), { headers: { Accept: "text/html" } }).catch(() => null);
    if (rendered?.ok) {
      const holder = document.createElement("template");
      holder.innerHTML = await rendered.text(); // made by the server's one sanitiser
      const text = holder.content.firstElementChild;
      turn.text.replaceWith(text);
      turn.text = text;
    }
    status.textContent = `${words.answer} ${turn.text.textContent}`;
  }

  function newTurn() {
    const element = child(log, "div", "turn turn--assistant");
    const thinking = child(element, "p", "thinking", words.thinking);
    const text = child(element, "div", "turn__text");
    text.dir = "auto";
    return { element, thinking, text, written: "", sources: null, facts: child(element, "p", "turn__facts"), usage: null, done: null };
  }

  function write(turn, piece) {
    turn.thinking.remove();
    turn.written += piece;
    // Once a frame, however many pieces come.
    turn.frame ??= requestAnimationFrame(() => {
      turn.frame = null;
      showRendered(turn.text, renderMarkdown(turn.written));
      follow();
    });
  }

  function clear(turn) {
    turn.written = "";
    turn.text.textContent = "";
    turn.sources?.remove();
    turn.sources = null;
  }

  function addSource(turn, citation, label = words.sources) {
    if (!turn.sources) {
      turn.sources = document.createElement("ul");
      turn.sources.className = "sources";
      turn.sources.ariaLabel = label;
      if (label !== words.sources) child(turn.sources, "li", "sources__label", label);
      turn.facts.before(turn.sources);
    }
    const chip = child(child(turn.sources, "li"), "button", "source");
    chip.type = "button";
    chip.dataset.document = citation.document;
    chip.dataset.place = place(citation);
    chip.dataset.quote = citation.quote ?? "";
    child(chip, "b", "", String(citation.number));
    child(chip, "span", "", [citation.document, place(citation)].filter(Boolean).join(", "));
  }

  function fail(turn, reason, message) {
    const note = document.createElement("div");
    note.className = "callout callout--bad";
    note.append(root.querySelector("template[data-alert]").content.cloneNode(true));
    child(note, "p", "", reason);
    const again = child(note, "button", "button button--small", words.again);
    again.type = "button";
    again.addEventListener("click", () => { turn.element.previousElementSibling?.remove(); turn.element.remove(); ask(message); });
    turn.facts.before(note);
    status.textContent = reason;
  }

  function setRunning(controller) {
    running = controller;
    send.hidden = Boolean(controller);
    stop.hidden = !controller;
  }

  function follow(always = false) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (always || atEnd) log.scrollTop = log.scrollHeight;
  }

  function place(citation) {
    return [citation.page ? words.page.replace("%s", citation.page) : "", citation.section ?? ""].filter(Boolean).join(" · ");
  }
}

// <button data-new> begins a new conversation in the page's chat.
addEventListener("click", (event) => {
  if (event.target.closest("[data-new]")) chats.get(document.querySelector("[data-chat]"))?.reset();
});

// Chips of sources, drawn here or by the server, open the passage they stand for.
addEventListener("click", (event) => {
  const chip = event.target.closest("button.source");
  const passage = document.querySelector("#passage");
  if (!chip || !passage) return;
  passage.querySelector("[data-document]").textContent = chip.dataset.document;
  passage.querySelector("[data-place]").textContent = chip.dataset.place;
  passage.querySelector("[data-quote]").textContent = chip.dataset.quote;
  passage.showModal();
});

function child(parent, tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}
