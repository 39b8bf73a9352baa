// Names for those who do not see them, where the scripts of Django's admin leave them out.
function name() {
  for (const icon of document.querySelectorAll(".search-label-icon")) icon.setAttribute("role", "img");
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.replace(/:\s*$/, "") ?? "";
    const shown = select.nextElementSibling?.querySelectorAll('[role="combobox"], [role="textbox"]') ?? [];
    for (const part of shown) part.setAttribute("aria-label", label);
  }
}

// They make their parts when the page is ready, some later than that by jQuery: in the order of asking.
addEventListener("load", () => (globalThis.django?.jQuery ? globalThis.django.jQuery(name) : name()));
