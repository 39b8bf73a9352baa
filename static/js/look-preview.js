// Shows the look of a bot while it is being chosen: the real widget, at the corner of this very page, with what the form says.
const form = document.querySelector("#look");
const profile = JSON.parse(document.querySelector("#look-profile").textContent);
const ownAccent = document.querySelector("[data-own-accent]").dataset.ownAccent;
const PREVIEW = "preview";
const LONG_MS = 86_400_000;

localStorage.removeItem(`chatcms:${PREVIEW}`);
const widget = document.createElement("chat-ai-widget");
widget.setAttribute("bot", PREVIEW);
// What stands there counts as known, so that nothing is asked of the server.
localStorage.setItem(`chatcms:${PREVIEW}`, JSON.stringify({ version: 1, profile: chosen(), at: Date.now() + LONG_MS }));
// A preview answers nothing.
widget.ask = () => {};
document.body.append(widget);

form.addEventListener("input", show);
form.addEventListener("change", show);
let shown = JSON.stringify(chosen());

// A field that is left says "change" once more: nothing is drawn anew then, under the pointer that is about to press it.
function show() {
  const profile = chosen();
  if (JSON.stringify(profile) === shown) return;
  shown = JSON.stringify(profile);
  widget.store?.set({ profile, at: Date.now() + LONG_MS });
  widget.attributeChangedCallback?.();
}

function chosen() {
  const look = { ...profile.look };
  for (const field of form.elements) {
    if (!(field.name in look)) continue;
    if (field.type === "checkbox") look[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) look[field.name] = field.value;
  }
  return { ...profile, look: { ...look, accent: look.accent || ownAccent } };
}
