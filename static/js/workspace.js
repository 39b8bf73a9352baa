// The workspace: drop files to upload them, ask the bot, read the streamed answer and its sources.
import { readEvents } from "./sse.js";

const chat = document.querySelector("#chat");
const passage = document.querySelector("#passage");

if (chat) startChat();
startDrop();

function startDrop() {
  const form = document.querySelector("#upload");
  if (!form) return;
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.toggleAttribute("data-over", true); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.toggleAttribute("data-over", false));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  form.addEventListener("htmx:after:request", () => form.reset());
}

function startChat() {
  const log = chat.querySelector(".chat__log");
  const form = chat.querySelector("#ask");
  const box = form.querySelector("textarea");
  const send = form.querySelector("#send");
  const stop = form.querySelector("#stop");
  const status = chat.querySelector("#chat-status");
  const csrf = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  let conversation = null;
  let running = null;

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(box.value); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "Escape" && running) running.abort();
  });
  stop.addEventListener("click", () => running?.abort());
  log.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-question]");
    if (suggestion) ask(suggestion.textContent);
  });
  document.querySelector("#new-conversation").addEventListener("click", () => {
    running?.abort();
    conversation = null;
    for (const turn of log.querySelectorAll(".turn:not(.turn--welcome)")) turn.remove();
    box.focus();
  });

  async function ask(text) {
    const message = text.trim();
    if (!message || running) return;
    box.value = "";
    add("turn turn--user").textContent = message;
    const answer = newAnswer();
    follow(true);
    setRunning(new AbortController());
    try {
      await stream(message, answer);
    } catch (error) {
      if (error.name === "AbortError") answer.facts.textContent = "Stopped.";
      else fail(answer, "The connection was lost before the answer was whole. Ask again.");
    } finally {
      answer.thinking.remove();
      setRunning(null);
      box.focus();
    }
  }

  async function stream(message, answer) {
    const response = await fetch(chat.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept": "text/event-stream", "X-CSRFToken": csrf },
      body: JSON.stringify({ message, conversation_id: conversation, stream: true }),
      signal: running.signal,
    });
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      conversation = problem?.conversation_id ?? conversation;
      return fail(answer, problem?.detail ?? "The answer could not be started. Reload the page and try again.");
    }
    let finished = false;
    for await (const { event, data } of readEvents(response.body)) {
      if (event === "conversation") conversation = data.conversation_id;
      if (event === "delta") { answer.thinking.remove(); answer.text.append(data.text); }
      if (event === "citation") addSource(answer, data);
      if (event === "done") { finished = true; await finish(answer, data); }
      if (event === "error") { finished = true; fail(answer, data.detail); }
      follow();
    }
    if (!finished) fail(answer, "The answer broke off. Ask again.");
  }

  async function finish(answer, done) {
    const seconds = (value) => `${(value / 1000).toLocaleString(undefined, { maximumFractionDigits: 2 })} s`;
    const facts = [];
    if (done.first_token_ms != null) facts.push(`first words after ${seconds(done.first_token_ms)}`);
    if (done.total_ms != null) facts.push(`whole after ${seconds(done.total_ms)}`);
    answer.facts.textContent = facts.join(" · ");
    const url = chat.dataset.answerUrl.replace("00000000-0000-0000-0000-000000000000", done.message_id);
    const rendered = await fetch(url, { headers: { "Accept": "text/html" } }).catch(() => null);
    if (rendered?.ok) {
      const holder = document.createElement("template");
      holder.innerHTML = await rendered.text(); // made by the server's one sanitiser
      answer.text.replaceWith(holder.content);
    }
    status.textContent = `Answer: ${answer.turn.querySelector(".turn__text").textContent}`;
  }

  function newAnswer() {
    const turn = add("turn turn--assistant");
    const thinking = child(turn, "p", "thinking", "Looking through the documents…");
    const text = child(turn, "div", "turn__text");
    text.toggleAttribute("data-plain", true);
    return { turn, thinking, text, sources: null, facts: child(turn, "p", "turn__facts") };
  }

  function addSource(answer, citation) {
    if (!answer.sources) {
      answer.sources = document.createElement("ul");
      answer.sources.className = "sources";
      answer.sources.setAttribute("aria-label", "Sources");
      answer.facts.before(answer.sources);
    }
    const chip = child(child(answer.sources, "li"), "button", "source");
    chip.type = "button";
    child(chip, "b", "", String(citation.number));
    child(chip, "span", "", [citation.document, place(citation)].filter(Boolean).join(", "));
    chip.addEventListener("click", () => show(citation));
  }

  function fail(answer, reason) {
    const note = document.createElement("p");
    note.className = "callout callout--bad";
    note.append(document.querySelector("#icon-alert").content.cloneNode(true), reason);
    answer.facts.before(note);
    status.textContent = reason;
  }

  function add(className) { return child(log, "div", className); }
  function setRunning(controller) {
    running = controller;
    send.hidden = Boolean(controller);
    stop.hidden = !controller;
  }
  function follow(always = false) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 96;
    if (always || atEnd) log.scrollTop = log.scrollHeight;
  }
}

function show(citation) {
  passage.querySelector("#passage-title").textContent = citation.document;
  passage.querySelector("#passage-place").textContent = place(citation);
  passage.querySelector("#passage-text").textContent = citation.quote ?? "";
  passage.showModal();
}

function place(citation) {
  return [citation.page ? `page ${citation.page}` : "", citation.section ?? ""].filter(Boolean).join(" · ");
}

function child(parent, tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}
