// Defines the element, and puts one into the page for a script tag that names a bot:
//   <script async src="https://chat.example/widget/v1.js" data-bot="bot_…"></script>
import { ChatAiWidget, complainOfNoBot } from "./element.js";

const NAME = "chat-ai-widget";
const script = document.currentScript;

if (script) ChatAiWidget.server = new URL(script.src).origin;
if (!customElements.get(NAME)) customElements.define(NAME, ChatAiWidget);

/** Make the element of a script tag: each `data-` attribute of the tag becomes an attribute of the element. */
function place() {
  if (placed()) return;
  const element = document.createElement(NAME);
  for (const { name, value } of script.attributes) {
    if (name.startsWith("data-")) element.setAttribute(name.slice(5), value);
  }
  document.body.append(element);
  keep(element);
}

function placed() {
  return document.querySelector(`${NAME}[bot="${CSS.escape(script.dataset.bot)}"]`);
}

/** Put the element back when the page's content is swapped (Turbo, Astro, htmx), but not when it is taken off itself. */
function keep(element) {
  const watch = () => {
    for (const target of [document.documentElement, document.body]) if (target) observer.observe(target, { childList: true });
  };
  const observer = new MutationObserver((records) => {
    const nodes = records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
    if (!element.isConnected && element.client && document.body && nodes.some((node) => node !== element)) {
      if (placed()) return;
      document.body.append(element);
    }
    watch();
  });
  watch();
}

if (script?.dataset.bot) {
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
} else {
  // The page may make elements itself.
  setTimeout(() => { if (!document.querySelector(NAME)) complainOfNoBot(); }, 3000);
}
