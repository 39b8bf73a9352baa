// The panel: head, transcript, suggestions, the field for questions, and the passage behind a source.
import { h, icon, iconButton } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { placeOf, TurnView } from "./turns.js";

const LONGEST_QUESTION = 8000;
const NEAR_END_PX = 80;
const SUGGESTIONS_AFTER_ANSWER = 3;

export class Panel {
  /** `acts` is what visitors can do: ask, stop, again, rate, fresh, forget, close (null in a page of its own). */
  constructor({ chat, acts, say }) {
    Object.assign(this, { chat, acts, say, views: new Map(), drawing: 0, isAtEnd: true });
    this.status = h("div", { role: "status", class: "unseen" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": say("transcript"), tabindex: "0" });
    this.welcome = h("div", { class: "welcome text", dir: "auto" });
    this.turns = h("div", { class: "turns" });
    this.suggestions = h("div", { class: "suggestions" });
    this.latest = iconButton("latest", say("latest"), () => this.#follow(true), { class: "icon-button latest", hidden: true });
    this.log.append(this.welcome, this.turns, this.suggestions);
    this.log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.passage = h("section", { class: "passage", hidden: true, role: "dialog", "aria-label": say("sources") });
    this.body = h("div", { class: "body" }, this.log, this.latest);
    this.covered = [this.#head(), this.body, this.#composer()];
    this.element = h("section", {
      class: "panel", role: "dialog", tabindex: "-1", hidden: true, onkeydown: (event) => this.#pressed(event),
    }, ...this.covered, this.passage, this.status);
    // What changes the height of the transcript while it is read at its end must not move the end away.
    new ResizeObserver(() => this.#follow()).observe(this.turns);
    this.look();
  }

  #head() {
    const { say, acts } = this;
    this.avatar = h("span", { class: "avatar", "aria-hidden": "true" });
    this.title = h("h2", {});
    this.who = h("p", {});
    const item = (name) => h("button", { type: "button", class: "item", onclick: () => this.#begin(acts[name]) }, say(name));
    this.menu = h("div", { class: "menu", hidden: true }, item("fresh"), item("forget"));
    this.more = iconButton("more", say("more"), () => this.#toggleMenu(this.menu.hidden), { "aria-expanded": "false" });
    return h("header", { class: "head" }, this.avatar, h("div", { class: "names" }, this.title, this.who), this.more,
      acts.close && iconButton("close", say("close"), acts.close), this.menu);
  }

  #composer() {
    const { say } = this;
    this.box = h("textarea", {
      rows: 1, maxlength: LONGEST_QUESTION, enterkeyhint: "send", autocomplete: "off",
      oninput: () => this.#typed(), onkeydown: (event) => this.#pressedInBox(event),
    });
    this.send = h("button", { class: "send", "aria-label": say("send"), title: say("send") }, icon("send"));
    this.stop = h("button", {
      type: "button", class: "send stop", hidden: true, "aria-label": say("stop"), title: say("stop"),
      onclick: () => { this.acts.stop(); this.focus(); },
    }, icon("stop"));
    const onsubmit = (event) => { event.preventDefault(); this.#submit(); };
    this.legal = h("p", { class: "legal" });
    return h("form", { class: "composer", onsubmit }, h("div", { class: "field" }, this.box, this.send, this.stop), this.legal);
  }

  /** Show what the bot's profile says: names, colours are the element's matter. */
  look() {
    const { say } = this;
    const profile = this.chat.profile;
    if (!profile) return;
    const { look = {} } = profile;
    this.name = look.title || profile.name;
    this.title.textContent = this.name;
    this.element.setAttribute("aria-label", this.name);
    this.avatar.hidden = look.avatar === "none";
    this.avatar.textContent = [...this.name][0] ?? "";
    const placeholder = look.placeholder || say("placeholder");
    this.box.placeholder = placeholder;
    this.box.setAttribute("aria-label", placeholder);
    this.welcome.replaceChildren(renderMarkdown(profile.welcome_message || ""));
    this.welcome.hidden = !profile.welcome_message;
    this.legal.replaceChildren(say("aiNote"), " ", this.#legalNote(look));
    this.draw(null);
  }

  #legalNote({ legal_note: note, legal_url: url }) {
    if (!note) return "";
    // Only what begins so can be set at the bot; an address of another kind would be a way in.
    if (!/^https:\/\//i.test(url || "")) return note;
    return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, note);
  }

  // --- the transcript ------------------------------------------------------------------------------------------------

  /** Show a turn, or all of them anew, with the next frame. */
  draw(turn) {
    if (!turn || !this.views.has(turn)) this.isStale = true;
    if (!this.drawing) this.drawing = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.drawing = 0;
    const { turns, running } = this.chat;
    if (this.isStale) {
      this.isStale = false;
      for (const [turn, view] of this.views) if (!turns.includes(turn)) { view.element.remove(); this.views.delete(turn); }
      const missing = turns.filter((turn) => !this.views.has(turn));
      for (const turn of missing) this.#add(turn);
      turns.forEach((turn, at) => {
        const { element } = this.views.get(turn);
        if (this.turns.children[at] !== element) this.turns.insertBefore(element, this.turns.children[at]);
      });
      if (missing.length) this.#follow(true);
    }
    for (const [turn, view] of this.views) view.update(turn === turns[turns.length - 1]);
    this.send.hidden = Boolean(running);
    this.stop.hidden = !running;
    this.#sayWho();
    this.#suggest();
    this.#tell();
    this.#follow();
  }

  #add(turn) {
    const { acts, say } = this;
    const view = new TurnView(turn, {
      say,
      again: (one) => { this.focus(); acts.again(one); },
      rate: acts.rate,
      source: (citation, opener) => this.#openPassage(citation, opener),
      look: () => ({ showSources: this.chat.profile?.look?.show_sources !== false }),
      announce: (text) => this.announce(text),
      focus: () => this.focus(),
    });
    this.views.set(turn, view);
    this.turns.append(view.element);
  }

  /** Announce an answer once, when it is whole: not piece by piece. */
  #tell() {
    const running = this.chat.running?.turn;
    if (running && this.told !== running) {
      this.told = running;
      this.announce(this.say("thinking"));
    } else if (!running && this.told) {
      const view = this.views.get(this.told);
      this.told = null;
      if (!view) return;
      const note = view.note.textContent;
      const text = view.text.textContent;
      this.announce([text && this.say("answer", { text }), note].filter(Boolean).join(" "));
    }
  }

  /** Say who answers: the AI, the AI until a person comes, or a person. */
  #sayWho() {
    const { handling, person } = this.chat.handling;
    const text = this.say({ bot: "ai", requested: "asked", person: "joined" }[handling], person ?? {});
    if (text === this.who.textContent) return;
    if (this.who.textContent) this.announce(text);
    this.who.textContent = text;
  }

  announce(text) {
    this.status.textContent = "";
    // Said again even when it is the same as before.
    setTimeout(() => { this.status.textContent = text; }, 50);
  }

  #suggest() {
    const { turns, running, profile, handling } = this.chat;
    const asked = new Set(turns.map((turn) => turn.question));
    const open = (profile?.suggested_questions ?? []).filter((question) => !asked.has(question));
    const isQuiet = running || handling.handling === "person";
    const shown = isQuiet ? [] : open.slice(0, turns.length ? SUGGESTIONS_AFTER_ANSWER : open.length);
    const offersPerson = !running && handling.handling === "bot" && profile?.look?.talk_to_person;
    const key = JSON.stringify([shown, offersPerson]);
    if (key === this.suggested) return;
    this.suggested = key;
    const chip = (text, act) => h("li", {}, h("button", {
      type: "button", class: "suggestion", dir: "auto", onclick: () => { this.focus(); act(text); },
    }, text));
    const chips = shown.map((question) => chip(question, this.acts.ask));
    if (offersPerson) chips.push(chip(this.say("person"), this.acts.person));
    this.suggestions.replaceChildren(chips.length ? h("ul", { "aria-label": this.say("suggestions") }, ...chips) : "");
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.latest.hidden = this.isAtEnd;
  }

  /** Keep the end in sight, unless the reader has scrolled away from it. */
  #follow(always = false) {
    if (always) this.isAtEnd = true;
    if (this.isAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  // --- the field -----------------------------------------------------------------------------------------------------

  #typed() {
    const { box } = this;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }

  #pressedInBox(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    if (this.chat.running || !this.box.value.trim()) return;
    const question = this.box.value;
    this.box.value = "";
    this.#typed();
    this.acts.ask(question);
    this.focus();
  }

  focus() {
    // A touch on a button must not bring the keyboard up over what was asked for.
    (matchMedia("(pointer: coarse)").matches ? this.element : this.box).focus({ preventScroll: true });
  }

  // --- menu, passage, keys -------------------------------------------------------------------------------------------

  #begin(act) {
    this.#toggleMenu(false);
    this.focus();
    act();
    this.announce(this.say("fresh"));
  }

  #toggleMenu(isOpen) {
    this.menu.hidden = !isOpen;
    this.more.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.menu.firstChild.focus();
  }

  #openPassage(citation, opener) {
    const { say } = this;
    this.passageOpener = opener;
    const back = iconButton("back", say("back"), () => this.#closePassage());
    this.passage.replaceChildren(
      h("header", { class: "head" }, back, h("div", { class: "names" }, h("h2", {}, citation.document), h("p", {}, placeOf(citation, say)))),
      h("div", { class: "quote", tabindex: "0", dir: "auto" }, citation.quote || say("gone")));
    this.passage.setAttribute("aria-label", say("source", { number: citation.number, name: citation.document }));
    this.passage.hidden = false;
    this.#cover(true);
    back.focus();
  }

  #closePassage() {
    this.passage.hidden = true;
    this.#cover(false);
    if (this.passageOpener?.isConnected) this.passageOpener.focus();
    else this.focus();
  }

  #cover(isCovered) {
    for (const part of this.covered) part.inert = isCovered;
  }

  #pressed(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (!this.passage.hidden) this.#closePassage();
    else if (!this.menu.hidden) { this.#toggleMenu(false); this.more.focus(); }
    else if (this.acts.close) this.acts.close();
    else return;
    event.stopPropagation();
  }
}
