// A dataset's documents: files are sent one by one as soon as they are dropped or chosen, each with its progress;
// what is being read says how long it will still take.
import { csrfToken } from "./forms.js";

const AT_ONCE = 3;
const form = document.querySelector("[data-upload]");
const pace = new Map();

if (form) startUploads();
tellTimeLeft();
document.body.addEventListener("htmx:after:swap", tellTimeLeft);

function startUploads() {
  const drop = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-uploads]");
  const words = form.querySelector("[data-upload-words]").dataset;
  const status = form.querySelector("[data-upload-status]");
  const waiting = [];
  let running = 0;
  let refused = 0;

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.toggleAttribute("data-over", true); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.toggleAttribute("data-over", false));
  drop.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files); });
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  form.addEventListener("submit", (event) => event.preventDefault());
  // Files dropped beside the frame would leave the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => { if (running || waiting.length) event.preventDefault(); });

  function take(files) {
    for (const file of files) waiting.push({ file, row: newRow(file) });
    if (files.length) status.textContent = status.dataset.saidOne;
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
    if (!running && !waiting.length) status.textContent = refused ? status.dataset.saidRefused : status.dataset.saidDone;
  }

  function newRow(file) {
    const row = form.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    row.querySelector(".document__name").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", file.name);
    row.querySelector("[data-upload-again]").addEventListener("click", () => {
      refused -= 1;
      say(row, words.sending);
      waiting.push({ file, row });
      next();
    });
    list.hidden = false;
    list.append(row);
    say(row, words.sending);
    return row;
  }

  function send(one) {
    running += 1;
    const body = new FormData();
    body.append("file", one.file);
    if (form.elements.keep_both.checked) body.append("keep_both", "1");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("HX-Request", "true");
    const bar = one.row.querySelector("progress");
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / (total || 1); });
    request.addEventListener("load", () => settle(one, request));
    request.addEventListener("error", () => fail(one.row, words.lost, true));
    request.addEventListener("loadend", () => { running -= 1; next(); });
    request.send(body);
  }

  function settle({ row }, request) {
    if (request.status === 200 && !request.responseURL.includes("/sign-in/")) {
      const told = request.responseText.trim();
      if (told) settled(row, told);
      else row.remove();
      list.hidden = !list.children.length;
      refresh();
    } else if (request.status === 422) fail(row, request.responseText.trim(), false);
    else if (request.responseURL.includes("/sign-in/")) fail(row, words.signedOut, true);
    else fail(row, request.responseXML?.body?.textContent ?? words.lost, true);
  }

  function say(row, text) {
    const facts = row.querySelector(".document__facts");
    facts.textContent = text;
    facts.classList.remove("document__facts--bad");
    row.querySelector("progress").hidden = false;
    row.querySelector("[data-upload-again]").hidden = true;
  }

  function settled(row, text) {
    say(row, text);
    row.querySelector("progress").hidden = true;
  }

  function fail(row, text, again) {
    refused += 1;
    const facts = row.querySelector(".document__facts");
    facts.textContent = text;
    facts.classList.add("document__facts--bad");
    row.querySelector("progress").hidden = true;
    row.querySelector("[data-upload-again]").hidden = !again;
  }
}

function refresh() {
  const list = document.querySelector("#documents");
  htmx.ajax("GET", location.pathname + location.search, { target: list, swap: "outerHTML" });
}

// From how far a document came since it was first seen follows how long the rest will take.
function tellTimeLeft() {
  for (const place of document.querySelectorAll("[data-progress]")) {
    const done = Number(place.dataset.done);
    const total = Number(place.dataset.total);
    const first = pace.get(place.dataset.progress);
    if (!first || first.total !== total || done < first.done) {
      pace.set(place.dataset.progress, { done, total, at: Date.now() });
      continue;
    }
    const perMs = (done - first.done) / (Date.now() - first.at);
    const text = place.querySelector("[data-time-left]");
    if (text && perMs > 0) text.textContent = `· ${place.dataset.left.replace("%s", duration((total - done) / perMs))}`;
  }
}

function duration(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [value, unit] = seconds < 90 ? [seconds, "second"] : [Math.round(seconds / 60), "minute"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}
