// A conversation that is watched: what is written in it comes by itself, and who answers is shown as it changes.

const log = document.querySelector("[data-watch]");
const status = document.querySelector("[data-status]");
const NEAR_END_PX = 160;
const words = log.dataset;
let known = null;

const stream = new EventSource(words.watch);
stream.addEventListener("message", ({ data }) => put(JSON.parse(data)));
stream.addEventListener("handling", ({ data }) => {
  // The first one tells what the page shows already.
  if (known !== null && known !== data) htmx.ajax("GET", words.handling, { target: "#handling", swap: "outerHTML" });
  known = data;
});
addEventListener("pagehide", () => stream.close());

// A button that leads to another page is no part of the form that htmx sends.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-plain-submit]");
  if (!button) return;
  event.preventDefault();
  const form = document.createElement("form");
  form.method = "post";
  form.action = button.formAction;
  form.append(button.form.querySelector("input[name=csrfmiddlewaretoken]").cloneNode());
  document.body.append(form);
  form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("[data-reply] textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.body.addEventListener("htmx:after:swap", () => document.querySelector("[data-reply] textarea")?.focus());

function put({ id, html }) {
  const atEnd = innerHeight + scrollY > document.documentElement.scrollHeight - NEAR_END_PX;
  const holder = document.createElement("template");
  holder.innerHTML = html; // made by the server's templates and its one sanitiser
  const message = holder.content.firstElementChild;
  log.querySelector("[data-nothing]")?.remove();
  const before = log.querySelector(`[data-message="${id}"]`);
  if (before) return before.replaceWith(message);
  const later = [...log.querySelectorAll("[data-seq]")].find((each) => Number(each.dataset.seq) > Number(message.dataset.seq));
  log.insertBefore(message, later ?? null);
  status.textContent = `${words.new} ${message.querySelector(".turn__text").textContent}`;
  if (atEnd) scrollTo({ top: document.documentElement.scrollHeight });
}
