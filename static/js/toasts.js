// Toasts: what was just done, said once; they go by themselves, errors only when dismissed.

const STAYS_MS = 6000;
const holder = document.querySelector("#toasts");

for (const toast of holder?.children ?? []) settle(toast);

holder?.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
});

// Fragments bring toasts along, out of band.
if (holder) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === 1) settle(node);
  }).observe(holder, { childList: true });
}

export function toast(text, { bad = false } = {}) {
  const template = document.querySelector(`#toast-${bad ? "bad" : "good"}`);
  const one = template.content.firstElementChild.cloneNode(true);
  one.querySelector("p").textContent = text;
  holder.append(one);
}

function settle(one) {
  one.querySelector("[data-dismiss]").hidden = false;
  if (one.classList.contains("toast--bad")) return;
  let timer = setTimeout(() => one.remove(), STAYS_MS);
  for (const name of ["pointerenter", "focusin"]) one.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) {
    one.addEventListener(name, () => { clearTimeout(timer); timer = setTimeout(() => one.remove(), STAYS_MS); });
  }
}
