// <form data-guard>: leaving with changes that are not saved is asked about first.

const before = new WeakMap();

for (const form of document.querySelectorAll("form[data-guard]")) remember(form);

export function remember(form) { before.set(form, state(form)); }

export function isChanged(form) { return before.has(form) && before.get(form) !== state(form); }

addEventListener("submit", (event) => { if (!event.defaultPrevented) before.delete(event.target); });

addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const form = ctx.request.form;
  if (form?.matches("[data-guard]") && ctx.response.status < 400) remember(form);
});

addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some(isChanged)) event.preventDefault();
});

// A form that came back with errors holds what was typed and is not saved yet.
for (const form of document.querySelectorAll("form[data-guard][data-unsaved]")) before.set(form, "");

function state(form) {
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(fields.map(([name, value]) => [name, value instanceof File ? value.name : value]));
}
