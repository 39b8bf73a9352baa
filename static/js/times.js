// Keeps <time data-relative> true while a page stays open.

const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const EVERY_MS = 30_000;
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 0];
    if (size) time.textContent = words.format(Math.trunc(seconds / size), unit);
  }
}

setInterval(refresh, EVERY_MS);
