// When the sign-in has run out: what is on the page stays, a dialog leads to signing in beside it, and work goes on.
import { toast } from "./toasts.js";

const dialog = document.querySelector("#signed-out");
const channel = new BroadcastChannel("chatcms-session");
let waiting = null;

addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  signedOut(event.detail.ctx.sourceElement);
});

addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status >= 500) toast(document.querySelector("#words").dataset.failed, { bad: true });
});

addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
  // Polling goes on by itself; what a person asked for is told of.
  const polls = ctx?.sourceEvent?.type?.startsWith("every");
  if (ctx && !polls && error?.name !== "AbortError") toast(document.querySelector("#words").dataset.offline, { bad: true });
});

export function signedOut(source = document.activeElement) {
  if (!dialog || dialog.open) return;
  waiting = source;
  dialog.showModal();
}

channel.addEventListener("message", () => {
  if (!dialog?.open) return;
  dialog.close();
  toast(document.querySelector("#words").dataset.again);
  waiting?.focus?.();
});

// The page that signing in beside another one leads to.
if (document.querySelector("[data-signed-in]")) {
  channel.postMessage("signed in");
  window.close();
}
