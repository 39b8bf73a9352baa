// Asks before what cannot be undone: dialogs of the page, `hx-confirm`, `data-confirm`, and names to be typed.

// <button command="show-modal" commandfor="id">: older browsers do not know it yet.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  addEventListener("click", (event) => {
    const button = event.target.closest("[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (dialog) button.getAttribute("command") === "close" ? dialog.close() : dialog.showModal();
  });
}


addEventListener("input", (event) => {
  const wanted = event.target.dataset?.mustBe;
  if (wanted === undefined) return;
  const button = event.target.form.querySelector("[data-when-typed]");
  button.disabled = event.target.value.trim() !== wanted;
});

for (const box of document.querySelectorAll("[data-must-be]")) {
  box.form.querySelector("[data-when-typed]").disabled = box.value.trim() !== box.dataset.mustBe;
}

addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  ask(ctx.confirm, ctx.sourceElement).then((yes) => (yes ? issueRequest() : dropRequest()));
});

addEventListener("submit", (event) => {
  const text = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (!text || event.target.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(text, event.submitter).then((yes) => {
    if (!yes) return;
    event.target.dataset.confirmed = "yes";
    event.target.requestSubmit(event.submitter);
    delete event.target.dataset.confirmed;
  });
}, { capture: true });

export function ask(text, source) {
  const dialog = document.querySelector("#confirm");
  dialog.querySelector("[data-text]").textContent = text;
  const yes = dialog.querySelector("[data-yes]");
  yes.textContent = source?.dataset.yes ?? yes.dataset.usual;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
