// File drop: files dragged onto <div class="drop"> go into its input; with [data-send] the form goes off at once.

for (const drop of document.querySelectorAll(".drop")) start(drop);

function start(drop) {
  const input = drop.querySelector("input[type=file]");
  const chosen = drop.querySelector("[data-chosen]");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.toggleAttribute("data-over", true); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.toggleAttribute("data-over", false));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    if (chosen) chosen.textContent = [...input.files].map((file) => file.name).join(", ");
    if (drop.hasAttribute("data-send") && input.files.length) input.form.requestSubmit();
  });
  input.form?.addEventListener("htmx:after:request", () => { input.form.reset(); if (chosen) chosen.textContent = ""; });
}
