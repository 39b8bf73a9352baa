// Select many: <form data-picks> with checkboxes `pick`, one [data-pick-all], and a bar [data-picked] with [data-count].

for (const form of document.querySelectorAll("[data-picks]")) {
  const all = form.querySelector("[data-pick-all]");
  const boxes = () => [...form.querySelectorAll("input[name=pick]")];
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    refresh(form, all, boxes());
  });
  refresh(form, all, boxes());
}

function refresh(form, all, boxes) {
  const count = boxes.filter((box) => box.checked).length;
  const bar = form.querySelector("[data-picked]");
  bar.hidden = count === 0;
  bar.querySelector("[data-count]").textContent = count.toLocaleString(document.documentElement.lang);
  if (!all) return;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}
