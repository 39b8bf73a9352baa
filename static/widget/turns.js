// Shows one turn: the question, the answer as it comes, its sources, and what can be done with it.
import { h, icon, iconButton } from "./dom.js";
import { renderMarkdown, showRendered } from "./markdown.js";

const PROBLEMS = {
  rate_limited: "tooFast",
  daily_questions_used_up: "tooMany",
  offline: "offline",
  identity_required: "signIn",
  identity_invalid: "signIn",
};

export class TurnView {
  /** `acts`: again(turn), rate(turn, rating, comment), source(citation, opener), say(name, values), look(). */
  constructor(turn, acts) {
    Object.assign(this, { turn, acts, shown: {} });
    this.text = h("div", { class: "text", dir: "auto" });
    this.note = h("p", { class: "note" });
    this.sources = h("div", { class: "sources" });
    this.actions = h("div", { class: "actions" });
    this.comment = h("div");
    const question = turn.question && h("div", { class: "question", dir: "auto" },
      h("span", { class: "unseen" }, `${acts.say("you")}: `), turn.question);
    this.element = h("article", { class: "turn" }, question,
      h("div", { class: "answer" }, turn.person && h("p", { class: "who" }, turn.person), this.text, this.note, this.sources, this.actions, this.comment));
    this.update(true);
  }

  update(isLast) {
    const { turn, acts } = this;
    const { showSources } = acts.look();
    this.element.dataset.state = turn.state;
    if (this.#differs("text", turn.text, turn.citations.length)) {
      const cite = (number) => this.#mark(number, showSources);
      showRendered(this.text, renderMarkdown(turn.text, { cite }));
    }
    if (this.#differs("note", turn.state, turn.isLost, turn.problem, isLast)) this.note.replaceChildren(...this.#note(isLast));
    if (showSources && this.#differs("sources", turn.citations.length, turn.consulted)) this.#showSources();
    if (this.#differs("actions", turn.state, turn.rating, isLast)) this.#showActions(isLast);
  }

  /** Say whether what a part was last shown from has changed. */
  #differs(part, ...values) {
    const before = this.shown[part];
    this.shown[part] = values;
    return !before || values.some((value, at) => value !== before[at]);
  }

  #note(isLast) {
    const { turn, acts } = this;
    const { say } = acts;
    if (turn.isLost) return [h("span", { class: "busy" }), say("reconnecting")];
    if (turn.state === "waiting") return [h("span", { class: "busy" }), say("thinking")];
    if (turn.state === "stopped") return [say("stopped")];
    if (turn.state !== "failed") return [];
    const retry = isLast && h("button", { type: "button", class: "small", onclick: () => acts.again(turn) }, say("retry"));
    return [icon("alert"), h("span", {}, problemText(turn.problem, say)), retry || ""];
  }

  #mark(number, showSources) {
    const citation = this.turn.citations.find((one) => one.number === number);
    if (!citation) return showSources ? null : h("span");
    if (!showSources) return h("span");
    const { acts } = this;
    const label = acts.say("source", { number, name: citation.document });
    const mark = h("button", { type: "button", class: "mark", "aria-label": label, title: citation.document }, String(number));
    mark.addEventListener("click", () => acts.source(citation, mark));
    return mark;
  }

  #showSources() {
    const { turn, acts } = this;
    const isCited = turn.citations.length;
    const label = acts.say(isCited ? "sources" : "consulted");
    const chips = (isCited ? turn.citations : turn.consulted ?? []).map((citation) => {
      const chip = h("button", { type: "button", class: "chip", title: citation.document },
        h("b", {}, String(citation.number)), h("span", {}, citation.document), h("small", {}, placeOf(citation, acts.say)));
      chip.addEventListener("click", () => acts.source(citation, chip));
      return h("li", {}, chip);
    });
    this.sources.replaceChildren(chips.length ? h("ul", { "aria-label": label }, isCited ? "" : h("li", {}, label), ...chips) : "");
  }

  #showActions(isLast) {
    const { turn, acts } = this;
    const { say } = acts;
    const isWhole = turn.state === "done" || turn.state === "stopped";
    const focused = this.actions.querySelector(":focus")?.dataset.icon;
    this.actions.replaceChildren();
    if (!isWhole) return;
    if (navigator.clipboard && turn.text) this.actions.append(this.#copyButton());
    for (const [rating, name] of [["up", "good"], ["down", "bad"]]) {
      const pressed = turn.rating === rating;
      const onclick = () => this.#rate(pressed ? null : rating);
      this.actions.append(iconButton(rating, say(name), onclick, { "aria-pressed": String(pressed) }));
    }
    if (isLast) this.actions.append(iconButton("retry", say("again"), () => acts.again(turn)));
    // They are made anew; focus stays on the one that was used.
    if (focused) this.actions.querySelector(`[data-icon=${focused}]`)?.focus();
  }

  #copyButton() {
    const { turn, acts } = this;
    const button = iconButton("copy", acts.say("copy"), async () => {
      await navigator.clipboard.writeText(turn.text).catch(() => {});
      button.replaceChildren(icon("check"));
      acts.announce(acts.say("copied"));
    });
    return button;
  }

  async #rate(rating) {
    const { turn, acts } = this;
    this.comment.replaceChildren();
    try {
      await acts.rate(turn, rating);
    } catch {
      return; // The page has been told, and the thumb is as it was.
    }
    if (rating) acts.announce(acts.say("thanks"));
    if (rating === "down") this.#askWhy();
  }

  #askWhy() {
    const { turn, acts } = this;
    const box = h("textarea", { rows: 2, maxlength: 1000, "aria-label": acts.say("comment"), placeholder: acts.say("comment") });
    const onsubmit = async (event) => {
      event.preventDefault();
      if (box.value.trim()) await acts.rate(turn, "down", box.value.trim()).catch(() => {});
      this.comment.replaceChildren();
      acts.focus();
      acts.announce(acts.say("thanks"));
    };
    this.comment.replaceChildren(h("form", { class: "comment", onsubmit }, box,
      h("button", { class: "small" }, acts.say("send"))));
  }
}

export function placeOf(citation, say) {
  return [citation.page ? say("page", { page: citation.page }) : "", citation.section || ""].filter(Boolean).join(" · ");
}

function problemText(problem, say) {
  const name = PROBLEMS[problem?.code] ?? "error";
  return say(name === "tooFast" && !problem.retryAfter ? "error" : name, { seconds: problem?.retryAfter });
}
