// <select data-combo> becomes a box one can type into to find an option; without this script it stays a select.

for (const select of document.querySelectorAll("select[data-combo]")) start(select);

function start(select) {
  const options = [...select.options].filter((option) => option.value);
  const combo = element("div", { className: "combo" });
  const box = element("input", { className: "input", type: "text", id: select.id, autocomplete: "off" });
  const list = element("ul", { className: "combo__list", id: `${select.id}-list`, hidden: true });
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) box.setAttribute(name, select.getAttribute(name));
  }
  box.role = "combobox";
  box.ariaAutoComplete = "list";
  box.ariaExpanded = "false";
  box.setAttribute("aria-controls", list.id);
  list.role = "listbox";
  list.ariaLabel = document.querySelector(`label[for="${select.id}"]`)?.textContent ?? "";
  box.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : "";
  select.id += "-select";
  select.hidden = true;
  select.before(combo);
  combo.append(box, list, select);
  let shown = [];
  let at = -1;

  box.addEventListener("input", () => open(box.value));
  box.addEventListener("click", () => open(""));
  box.addEventListener("blur", () => close(true));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      else mark(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (shown[at]) choose(shown[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = event.target.closest("[role=option]");
    if (row) choose(shown[[...list.children].indexOf(row)]);
  });

  function open(text) {
    const words = fold(text);
    shown = options.filter((option) => fold(option.textContent).includes(words));
    list.replaceChildren(...shown.map((option, number) => {
      const row = element("li", { className: "combo__option", id: `${list.id}-${number}`, textContent: option.textContent });
      row.role = "option";
      row.ariaSelected = "false";
      return row;
    }));
    list.hidden = shown.length === 0;
    box.ariaExpanded = String(!list.hidden);
    mark(shown.length ? Math.max(0, shown.indexOf(select.selectedOptions[0])) : -1);
  }
  function mark(number) {
    if (!shown.length) return;
    at = (number + shown.length) % shown.length;
    [...list.children].forEach((row, each) => { row.ariaSelected = String(each === at); });
    list.children[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", list.children[at].id);
  }
  function choose(option) {
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close(true);
  }
  function close(restore) {
    list.hidden = true;
    box.ariaExpanded = "false";
    box.removeAttribute("aria-activedescendant");
    const chosen = select.selectedOptions[0];
    if (restore) box.value = chosen?.value ? chosen.textContent : "";
  }
}

function element(tag, values) { return Object.assign(document.createElement(tag), values); }
function fold(text) { return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim(); }
