// <chat-ai-widget bot="bot_…">: the launcher, the panel, how both look, and what the page can do with them.
import { Chat } from "./chat.js";
import { Client } from "./client.js";
import { h, icon, iconButton } from "./dom.js";
import { Panel } from "./panel.js";
import { Store } from "./store.js";
import { speak } from "./strings.js";
import css from "./widget.css";

// For so long the launcher is shown as the bot's profile was known last, without asking.
const PROFILE_FRESH_MS = 60_000;
const DEFAULT_ACCENT = "#0f766e";

const OFFLINE = "The server cannot be reached. Check its address, and connect-src of the page's CSP.";

/** Tell whoever puts the widget into the page what is wrong, and what to do. */
export function complain(text, ...facts) {
  console.warn("chat-ai-widget:", text, ...facts);
}

export function complainOfNoBot() {
  complain("The tag names no bot: copy it from the portal, with data-bot (an element: bot).");
}

/** Keep the launchers of a page apart: each knows its place among those on its side. */
function arrange() {
  const rows = {};
  for (const { launcher, root } of document.querySelectorAll("chat-ai-widget")) {
    if (launcher) (rows[root.dataset.side + root.dir] ??= []).push(root.style);
  }
  for (const row of Object.values(rows)) {
    row.forEach((style, nth) => style.setProperty("--nth", nth));
  }
}

let sheet = null;

function sharedSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}

export class ChatAiWidget extends HTMLElement {
  static observedAttributes = ["accent", "lang", "position", "theme", "title-text"];

  #isOpen = false;
  #isDrawn = false;

  // --- life ----------------------------------------------------------------------------------------------------------

  connectedCallback() {
    if (this.client) return;
    if (!this.bot) {
      complainOfNoBot();
      return;
    }
    this.store = new Store(this.bot);
    this.client = new Client({
      server: this.server, bot: this.bot, store: this.store, admitted: (admission) => this.#admitted(admission),
    });
    this.client.identity = this.#attributeIdentity();
    this.chat = new Chat({
      client: this.client,
      store: this.store,
      changed: (turn) => this.panel?.draw(turn),
      happened: (name, detail) => this.#happened(name, detail),
    });
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sharedSheet()];
    // In a page that speaks another language now, so does the widget.
    this.watcher = new MutationObserver(() => this.#redraw());
    this.watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
    this.#tell("ready", { bot: this.bot });
    this.#arrive();
  }

  disconnectedCallback() {
    // Moved within the page, it is connected again at once.
    queueMicrotask(() => { if (!this.isConnected) this.destroy(); });
  }

  attributeChangedCallback() {
    if (this.#isDrawn) this.#redraw();
  }

  get bot() {
    return this.getAttribute("bot");
  }

  get server() {
    return this.getAttribute("server") || ChatAiWidget.server;
  }

  get isInline() {
    return this.getAttribute("mode") === "inline";
  }

  #attributeIdentity() {
    const [token, id, hash] = ["identity-token", "user-id", "user-hash"].map((name) => this.getAttribute(name));
    return token || (id && hash ? { user_id: id, hash } : null);
  }

  /** Get in when the page has time for it; what is known of the bot is shown until then. */
  async #arrive() {
    if (this.store.get("profile")) this.#draw();
    const isFresh = this.store.get("at") > Date.now() - PROFILE_FRESH_MS && !this.client.identity;
    if (!isFresh) {
      // A page of its own has nothing more urgent; and a frame out of sight, or a busy page, may never be idle.
      const wait = window.requestIdleCallback ?? setTimeout;
      if (!this.isInline) await new Promise((resolve) => { wait(resolve, { timeout: 2000 }); });
      if (!this.client || !(await this.#getIn())) return;
    }
    if (this.isInline || this.hasAttribute("open")) this.open();
    else if (this.store.get("isOpen") && innerWidth >= 480) this.#show(true, { takesFocus: false });
    else {
      // Somebody may write while the panel is closed.
      if (this.store.get("isNear")) this.chat.restore();
      this.#speakUp();
    }
  }

  async #getIn(wishes) {
    try {
      await this.client.admit(wishes);
      return true;
    } catch (error) {
      this.#refused(error);
      return false;
    }
  }

  #admitted({ conversation_id: conversation }) {
    if (this.admittedTo && this.admittedTo !== conversation) this.store.set({ asked: false });
    this.admittedTo = conversation;
    this.#draw();
  }

  #refused(error) {
    complain(error.status ? error.message : OFFLINE, location.origin, this.server, this.bot);
    this.#tell("error", { code: error.code, status: error.status, detail: error.detail });
    // Nothing that could not be used stays on the page; in a page of its own, people are told.
    if (!this.isInline && ["origin_not_allowed", "no_such_bot"].includes(error.code)) this.shadowRoot?.replaceChildren();
    else if (this.isInline && !this.#isDrawn) this.#apologise(error);
  }

  #apologise(error) {
    const { language, direction, say } = this.#voice();
    const name = { offline: "offline", identity_required: "signIn" }[error.code] ?? "error";
    this.shadowRoot.replaceChildren(h("div", { class: "root is-inline", dir: direction, lang: language },
      h("p", { class: "apology", role: "alert" }, say(name))));
  }

  // --- what is shown -------------------------------------------------------------------------------------------------

  #voice() {
    const look = this.store.get("profile")?.look ?? {};
    const chosen = look.language === "auto" ? null : look.language;
    return speak(this.getAttribute("lang"), chosen, document.documentElement.lang, navigator.language);
  }

  #draw() {
    if (!this.store.get("profile") || !this.shadowRoot) return;
    if (!this.#isDrawn) this.#redraw();
    this.#dress();
    this.panel?.look();
  }

  /** Make all anew, in the language of now. */
  #redraw() {
    if (!this.store?.get("profile")) return;
    this.#isDrawn = true;
    const { language, direction, say } = this.#voice();
    this.say = say;
    this.panel = null;
    this.launcher = this.isInline ? null : h("button", {
      type: "button", class: "launcher", "aria-expanded": "false", onclick: () => (this.#isOpen ? this.close() : this.open()),
    });
    this.root = h("div", { class: `root ${this.isInline ? "is-inline" : "is-floating"}`, dir: direction, lang: language },
      this.launcher);
    this.shadowRoot.replaceChildren(this.root);
    this.#dress();
    if (this.#isOpen) this.#show(true, { takesFocus: false });
  }

  /** Put on colours, side and words of the bot's look; attributes of the element come first, the page's CSS before both. */
  #dress() {
    const { look = {}, name } = this.store.get("profile");
    const theme = this.getAttribute("theme") || look.theme;
    this.root.dataset.theme = ["light", "dark"].includes(theme) ? theme : "auto";
    this.root.dataset.side = (this.getAttribute("position") || look.position) === "start" ? "start" : "end";
    // A colour, and not the address of a picture.
    const accents = [this.getAttribute("accent"), look.accent, DEFAULT_ACCENT];
    this.root.style.setProperty("--own", accents.find((accent) => accent && CSS.supports("color", accent)));
    arrange();
    if (!this.launcher) return;
    const words = this.getAttribute("launcher-text") ?? look.launcher_text;
    const picture = ["chat", "help", "spark"].includes(look.launcher_icon) ? look.launcher_icon : "chat";
    this.launcher.replaceChildren(icon(picture), icon("close"), ...(words ? [h("span", {}, words)] : []));
    // What is read out begins with what is written (WCAG 2.5.3).
    this.launcher.setAttribute("aria-label", [words, this.say("open", { name: look.title || name })].filter(Boolean).join(", "));
  }

  #makePanel() {
    const acts = {
      ask: (text) => this.ask(text),
      stop: () => this.chat.stop(),
      person: () => this.chat.askForPerson().catch((error) => this.#refused(error)),
      again: (turn) => this.chat.again(turn),
      rate: (turn, rating, comment) => this.chat.rate(turn, rating, comment),
      fresh: () => this.reset(),
      forget: () => this.forget(),
      close: this.isInline ? null : () => this.close(),
    };
    this.panel = new Panel({ chat: this.chat, acts, say: this.say });
    this.root.prepend(this.panel.element);
    this.#fitKeyboard();
    this.chat.restore();
  }

  /** On a phone, keep the sheet above the keyboard. */
  #fitKeyboard() {
    const view = window.visualViewport;
    if (!view) return;
    view.onresize = () => {
      this.root.style.setProperty("--seen", `${view.height}px`);
      this.root.style.setProperty("--keyboard", `${Math.max(0, innerHeight - view.height - view.offsetTop)}px`);
    };
  }

  #show(isOpen, { takesFocus = true } = {}) {
    this.#isOpen = isOpen;
    if (isOpen && !this.panel) this.#makePanel();
    if (!this.panel) return;
    this.root.classList.toggle("is-open", isOpen);
    this.panel.element.hidden = !isOpen;
    this.launcher?.setAttribute("aria-expanded", String(isOpen));
    this.launcher?.classList.remove("has-news");
    this.greeting?.remove();
    if (!this.isInline) this.store.set({ isOpen });
    if (isOpen) {
      this.panel.draw(null);
      this.chat.see();
    }
    if (takesFocus) (isOpen ? this.panel : this.launcher)?.focus();
  }

  /** Say by itself, once on this device, what the bot's look asks for. */
  #speakUp() {
    const { proactive_text: text, proactive_after: seconds } = this.store.get("profile")?.look ?? {};
    if (!text || this.store.get("spokeUp") || this.isInline) return;
    this.timer = setTimeout(() => {
      if (this.#isOpen || !this.root) return;
      this.store.set({ spokeUp: true });
      const dismiss = iconButton("close", this.say("close"), () => { this.greeting.remove(); this.launcher.focus(); });
      this.greeting = h("div", { class: "greeting", role: "status" },
        h("button", { type: "button", class: "greeting-text", onclick: () => this.open() }, text), dismiss);
      this.root.prepend(this.greeting);
    }, (seconds ?? 10) * 1000);
  }

  #happened(name, detail) {
    this.#tell(name, detail);
    if (!detail.person) return;
    this.panel?.announce(`${detail.person}: ${detail.text}`);
    this.launcher?.classList.toggle("has-news", !this.#isOpen);
    if (this.#isOpen) this.chat.see();
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(`chatcms:${name}`, { bubbles: true, composed: true, detail }));
  }

  // --- what the page can do ------------------------------------------------------------------------------------------

  open() {
    if (this.#isOpen && this.panel) return;
    if (!this.#isDrawn) { this.setAttribute("open", ""); return; }
    this.#show(true, { takesFocus: !this.isInline });
    this.#tell("open");
  }

  close() {
    if (!this.#isOpen || this.isInline) return;
    this.#show(false);
    this.#tell("close");
  }

  /** Ask a question as if it had been typed; opens the panel. */
  async ask(text) {
    this.open();
    await this.chat.ask(String(text));
  }

  /**
   * Say who the visitor is: `{user_id, hash}`, a JWT, or a function that gives (a promise of) either; it is asked anew
   * each time the token is renewed. Null: nobody any more.
   */
  async identify(proof) {
    this.client.identity = proof;
    const before = this.store.get("visitor");
    if (!(await this.#getIn({}))) return;
    if (this.store.get("visitor") === before) return;
    this.chat.leave();
    this.store.set({ asked: false });
    this.panel?.draw(null);
  }

  /** Begin a new conversation. */
  async reset() {
    try {
      await this.chat.fresh();
    } catch (error) {
      this.#refused(error);
    }
  }

  /** Forget visitor and conversation on this device. */
  forget() {
    this.admittedTo = null;
    this.chat.forget();
  }

  /** Take the widget off the page. */
  destroy() {
    if (!this.client) return;
    clearTimeout(this.timer);
    this.watcher.disconnect();
    this.chat.leave();
    this.client = null;
    this.remove();
    arrange();
  }
}
