// Defines the element, and puts one into the page for a script tag that names a bot:
//   <script async src="https://chat.example/widget/v1.js" data-bot="bot_…"></script>
import { ChatAiWidget } from "./element.js";

const NAME = "chat-ai-widget";
const script = document.currentScript;

if (script) ChatAiWidget.server = new URL(script.src).origin;
if (!customElements.get(NAME)) customElements.define(NAME, ChatAiWidget);

/** Make the element of a script tag: each `data-` attribute of the tag becomes an attribute of the element. */
function place() {
  if (document.querySelector(`${NAME}[bot="${CSS.escape(script.dataset.bot)}"]`)) return;
  const element = document.createElement(NAME);
  for (const { name, value } of script.attributes) {
    if (name.startsWith("data-")) element.setAttribute(name.slice(5), value);
  }
  document.body.append(element);
}

if (script?.dataset.bot) {
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
}
