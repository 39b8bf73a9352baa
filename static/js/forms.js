// Forms: sent once, with the token in force now, and with the errors found first.

// Over TLS the name has a prefix, and goes before one that a host beside this one could have planted.
const CSRF_COOKIES = [/(?:^|; )__Host-chatcms_csrf=([^;]*)/, /(?:^|; )chatcms_csrf=([^;]*)/];

export function csrfToken() {
  const found = CSRF_COOKIES.map((each) => each.exec(document.cookie)).find((each) => each);
  return found?.[1] ?? "";
}

// Signing in elsewhere changes the token: a page that was open before sends the new one.
addEventListener("submit", (event) => {
  const field = event.target.querySelector("input[name=csrfmiddlewaretoken]");
  if (field && csrfToken()) field.value = csrfToken();
}, { capture: true });

addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && csrfToken()) ctx.request.headers["X-CSRFToken"] = csrfToken();
});

addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const button = event.submitter;
  if (event.target.ariaBusy === "true") { event.preventDefault(); return; }
  event.target.ariaBusy = "true";
  if (button?.classList.contains("button")) button.ariaBusy = "true";
});

// Back from the history, a page is as it was left: nothing is being sent.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const busy of document.querySelectorAll("form[aria-busy], .button[aria-busy]")) busy.ariaBusy = null;
});

document.querySelector("[data-focus]")?.focus();
