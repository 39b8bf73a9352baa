// Tabs within a part, as of code in several languages: arrow keys move, and every block follows the choice.

const KEY = "chatcms-tab";

for (const list of document.querySelectorAll("[role=tablist]")) start(list);

function start(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  list.hidden = false;
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tabs, tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (document.dir === "rtl" ? -1 : 1);
    if (!step) return;
    event.preventDefault();
    const at = tabs.indexOf(document.activeElement);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    next.focus();
    choose(tabs, next);
  });
  const liked = tabs.find((tab) => tab.dataset.tab === localStorage.getItem(KEY));
  show(tabs, liked ?? tabs[0]);
}

function choose(tabs, tab) {
  show(tabs, tab);
  localStorage.setItem(KEY, tab.dataset.tab);
}

function show(tabs, chosen) {
  for (const tab of tabs) {
    tab.ariaSelected = String(tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}
