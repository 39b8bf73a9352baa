// Copy buttons: <button data-copy="#id-of-what" data-copied="Copied">.

const SHOWN_MS = 2000;

addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await write(source.value ?? source.textContent);
  const label = button.querySelector("[data-label]") ?? button;
  label.dataset.before ??= label.textContent;
  label.textContent = button.dataset.copied;
  clearTimeout(label.timer);
  label.timer = setTimeout(() => { label.textContent = label.dataset.before; }, SHOWN_MS);
});

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https there is no clipboard of that kind.
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
}
