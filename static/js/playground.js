// The playground beside a bot's settings: asks with the settings as they stand in the form, and shows why it answered so.
import { chatIn } from "./transcript.js";

const root = document.querySelector("[data-playground]");
const form = document.querySelector("#settings");
const talk = root?.querySelector("[data-chat]");
const chat = talk && chatIn(talk);
const found = new WeakMap();

if (chat) start();

function start() {
  const words = root.dataset;
  const states = [...root.querySelectorAll("[data-state]")];
  const mayEdit = !form.querySelector("fieldset").disabled;

  chat.extra = () => {
    const state = states.find((button) => button.ariaPressed === "true").dataset.state;
    return state === "draft" && mayEdit ? { settings: unsaved() } : { state };
  };
  for (const button of states) {
    button.addEventListener("click", () => {
      for (const each of states) each.ariaPressed = String(each === button);
      chat.reset();
    });
  }
  talk.addEventListener("chat:event", ({ detail: { event, data, turn } }) => {
    if (event === "retrieval") found.set(turn, data);
  });
  talk.addEventListener("chat:end", ({ detail: turn }) => {
    if (turn.done) turn.element.append(why(turn, found.get(turn) ?? {}, words));
  });
  form.addEventListener("input", greet);
  greet();
}

function unsaved() {
  const fields = new FormData(form);
  for (const name of ["csrfmiddlewaretoken", "seen"]) fields.delete(name);
  return new URLSearchParams(fields).toString();
}

// The welcome and the suggestions follow the form too.
function greet() {
  const welcome = root.querySelector(".turn--welcome");
  const usual = (welcome.dataset.usual ??= form.welcome_message.value ? "" : welcome.querySelector(".turn__text").textContent);
  welcome.querySelector(".turn__text").textContent = form.welcome_message.value.trim() || usual;
  const questions = form.suggested_questions.value.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, 8);
  welcome.querySelector(".suggestions")?.remove();
  if (!questions.length) return;
  const box = element(welcome, "div", "suggestions");
  for (const question of questions) {
    const button = element(box, "button", "button button--small", question);
    button.type = "button";
    button.dataset.question = "";
  }
}

function why({ done }, { passages = [], messages = [], has_evidence: hasEvidence = null }, words) {
  const box = document.createElement("details");
  box.className = "why";
  element(box, "summary", "", words.why);
  const origin = { curated: words.curated, model: "" }[done.answered_by] ?? words.fixed;
  if (origin) element(box, "p", "", origin);
  element(box, "h3", "", words.passages);
  if (passages.length) listPassages(box, passages, words);
  else if (done.answered_by !== "curated") element(box, "p", "soft", hasEvidence === null ? words.unsearched : words.none);
  element(box, "h3", "", words.messages);
  if (!messages.length) element(box, "p", "soft", words.unasked);
  for (const { role, content } of messages) {
    const one = element(box, "div", "why__message");
    element(one, "b", "", words[role] ?? role);
    element(one, "div", "why__text", content).tabIndex = 0;
  }
  return box;
}

function listPassages(box, passages, words) {
  const list = element(box, "ol");
  for (const { number, document: name, page, section, score, quote } of passages) {
    const row = element(list, "li");
    const place = [page ? words.page.replace("%s", page) : "", section].filter(Boolean).join(" · ");
    element(row, "b", "number", `${number}. ${[name, place].filter(Boolean).join(", ")}`);
    element(row, "span", "soft number", ` ${words.score.replace("%s", score.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 }))}`);
    if (quote) element(row, "div", "why__text soft", quote).tabIndex = 0;
  }
}

function element(parent, tag, className = "", text = "") {
  const one = document.createElement(tag);
  if (className) one.className = className;
  one.textContent = text;
  parent.append(one);
  return one;
}
