// Turns what a model wrote into elements while it is still being written: the streaming twin of the server's renderer
// (chatcms/core/text/modeltext.py), which a test compares it with. Elements are made one by one and text is only ever set
// as text, so nothing in it can become markup: no script, no image, no style; links lead to http, https and mailto.

const MAX_DEPTH = 20;
const LINK_TARGETS = /^(https?|mailto):/i;

const BLANK = /^\s*$/;
const FENCE = /^\s*(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^\s*(#{1,6})(?=[ \t]|$)(.*)$/;
const RULE = /^\s*([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^\s*> ?/;
const ITEM = /^(\s*)([-+*]|\d{1,9}[.)])(?:([ \t]+)(.*))?$/;
const TABLE_RULE = /^\s*(?:\|[ \t]*)?:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$/;

/**
 * Return a fragment that shows Markdown. `cite(number)` may give an element for a mark like [1]; without one, or when
 * it gives null, the mark stays text.
 */
export function renderMarkdown(text, { cite = () => null } = {}) {
  const fragment = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, "\n").replace(/\0/g, "\ufffd").split("\n");
  addBlocks(lines, fragment, { cite, depth: 0 });
  return fragment;
}

/** Make `target` hold what `fragment` holds, leaving alone the first children that are the same already. */
export function showRendered(target, fragment) {
  let kept = 0;
  while (kept < fragment.childNodes.length && kept < target.childNodes.length) {
    if (!target.childNodes[kept].isEqualNode(fragment.childNodes[kept])) break;
    kept += 1;
  }
  while (target.childNodes.length > kept) target.lastChild.remove();
  target.append(...[...fragment.childNodes].slice(kept));
}

// --- blocks ---------------------------------------------------------------------------------------------------------

/** Append the blocks that lines make up. Returns whether a blank line stands between two of them. */
function addBlocks(lines, parent, context) {
  let hasGap = false;
  let wasBlank = false;
  for (let at = 0; at < lines.length;) {
    if (BLANK.test(lines[at])) {
      wasBlank = parent.hasChildNodes();
      at += 1;
      continue;
    }
    hasGap ||= wasBlank;
    wasBlank = false;
    at = (blockAt(lines, at, context) ?? addParagraph)(lines, at, parent, context);
  }
  return hasGap;
}

/** Return what adds the block that begins at a line, undefined for a paragraph. */
function blockAt(lines, at, { depth }) {
  const line = lines[at];
  if (beginsTable(lines, at)) return addTable;
  if (FENCE.test(line)) return addCode;
  if (RULE.test(line)) return addRule;
  if (HEADING.test(line)) return addHeading;
  if (depth < MAX_DEPTH && QUOTE.test(line)) return addQuote;
  return depth < MAX_DEPTH && ITEM.test(line) ? addList : undefined;
}

/** Say whether a line ends the paragraph before it. */
function interrupts(lines, at, context) {
  const add = blockAt(lines, at, context);
  if (add !== addList) return Boolean(add) || BLANK.test(lines[at]);
  const { ordered, start, text } = markOf(lines[at]);
  return Boolean(text) && (!ordered || start === 1);
}

function addParagraph(lines, at, parent, context) {
  let end = at + 1;
  while (end < lines.length && !interrupts(lines, end, context)) end += 1;
  const text = lines.slice(at, end).map((line) => line.trimStart()).join("\n").trimEnd();
  addInline(text, add(parent, "p"), context);
  return end;
}

function addCode(lines, at, parent) {
  const [, fence] = FENCE.exec(lines[at]);
  const indent = indentOf(lines[at]);
  const closes = new RegExp(`^\\s*${fence[0]}{${fence.length},}\\s*$`);
  let end = at + 1;
  while (end < lines.length && !closes.test(lines[end])) end += 1;
  const code = lines.slice(at + 1, end).map((line) => `${dedented(line, indent)}\n`);
  add(add(parent, "pre"), "code").textContent = code.join("");
  return end + 1;
}

function addHeading(lines, at, parent, context) {
  const [, marks, text] = HEADING.exec(lines[at]);
  addInline(text.trim().replace(/(^|\s)#+$/, "").trim(), add(parent, `h${marks.length}`), context);
  return at + 1;
}

function addRule(lines, at, parent) {
  add(parent, "hr");
  return at + 1;
}

function addQuote(lines, at, parent, context) {
  const quoted = [];
  let end = at;
  while (end < lines.length && (QUOTE.test(lines[end]) || goesOnLazily(lines, end, quoted, context))) {
    quoted.push(lines[end].replace(QUOTE, ""));
    end += 1;
  }
  addBlocks(quoted, add(parent, "blockquote"), { ...context, depth: context.depth + 1 });
  return end;
}

/** Say whether a line without the mark of its quote or item belongs to a paragraph that was begun with it. */
function goesOnLazily(lines, at, before, context) {
  const last = before[before.length - 1] ?? "";
  // A fence is looked for in so many lines and no more: looking at all, for each line, takes the square of their number.
  return !BLANK.test(last) && !ITEM.test(lines[at]) && !interrupts(lines, at, context) && !before.slice(-99).some((line) => FENCE.test(line));
}

function addList(lines, at, parent, context) {
  const kind = markOf(lines[at]);
  const list = add(parent, kind.ordered ? "ol" : "ul");
  if (kind.ordered && kind.start !== 1) list.start = kind.start;
  let isLoose = false;
  let end = at;
  for (let next = at; next < lines.length && isItemOf(kind, lines[next]);) {
    const item = readItem(lines, next, context);
    const hasGap = addBlocks(item.lines, add(list, "li"), { ...context, depth: context.depth + 1 });
    isLoose ||= hasGap || next > end;
    end = next = item.end;
    while (next < lines.length && BLANK.test(lines[next])) next += 1;
  }
  if (!isLoose) for (const item of list.children) unwrapParagraphs(item);
  return end;
}

function markOf(line) {
  const [, space, mark, gap = "", rest = ""] = ITEM.exec(line);
  // More than four blanks belong to what follows; a mark alone on its line stands for one.
  const width = rest && gap.length <= 4 ? gap.length : 1;
  return {
    ordered: mark.length > 1,
    sign: mark.slice(-1),
    start: parseInt(mark, 10),
    content: indentOf(space) + mark.length + width,
    text: gap.slice(width) + rest,
  };
}

function isItemOf(kind, line) {
  if (!ITEM.test(line) || RULE.test(line)) return false;
  const mark = markOf(line);
  return mark.sign === kind.sign && mark.ordered === kind.ordered;
}

/** Return the lines of an item without their indent, and where it ends: before the blank lines that follow it. */
function readItem(lines, at, context) {
  const { content, text } = markOf(lines[at]);
  const own = [text];
  let next = at + 1;
  let end = next;
  while (next < lines.length) {
    const line = lines[next];
    if (BLANK.test(line)) {
      if (next === at + 1 && BLANK.test(own[0])) break;
      own.push("");
    } else if (indentOf(line) >= content) own.push(dedented(line, content));
    else if (goesOnLazily(lines, next, own, context)) own.push(line.trimStart());
    else break;
    next += 1;
    if (!BLANK.test(line)) end = next;
  }
  return { lines: own.slice(0, end - at), end };
}

function unwrapParagraphs(item) {
  for (const child of [...item.children]) {
    if (child.nodeName !== "P") continue;
    if (child.nextSibling) child.append("\n");
    child.replaceWith(...child.childNodes);
  }
}

function beginsTable(lines, at) {
  const [head, rule] = [lines[at], lines[at + 1]];
  if (rule === undefined || !head.includes("|") || !TABLE_RULE.test(rule)) return false;
  return cellsOf(head).length === cellsOf(rule).length;
}

function addTable(lines, at, parent, context) {
  const table = add(parent, "table");
  const columns = cellsOf(lines[at]).length;
  addRow(lines[at], add(table, "thead"), "th", columns, context);
  let end = at + 2;
  let body = null;
  // Without the line after it: a table begins no other.
  while (end < lines.length && !BLANK.test(lines[end]) && !blockAt([lines[end]], 0, context)) {
    body = body ?? add(table, "tbody");
    addRow(lines[end], body, "td", columns, context);
    end += 1;
  }
  return end;
}

function addRow(line, parent, tag, columns, context) {
  const row = add(parent, "tr");
  const cells = cellsOf(line);
  for (let column = 0; column < columns; column += 1) addInline(cells[column] ?? "", add(row, tag), context);
}

function cellsOf(line) {
  const cells = line.trim().split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
  if (cells.length > 1 && cells[0] === "") cells.shift();
  if (cells.length > 1 && cells[cells.length - 1] === "") cells.pop();
  return cells;
}

// --- inside a block -------------------------------------------------------------------------------------------------

const PUNCTUATION = /[\p{P}\p{S}]/u;
const ESCAPED = /^\\([!-/:-@[-`{-~])/;
const TARGET = /^\(\s*(?:<([^<>\n]*)>|((?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/;
const AUTOLINK = /^<((?:https?|mailto):[^\s<>]*|([\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+))>/i;
const ADDRESS = /^https?:\/\/[\p{L}\p{N}][^\s<>]*/iu;
const MAIL = /^[a-z0-9](?:[\w.+-]*[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/i;
const ENTITY = /^&(amp|lt|gt|quot|nbsp|#39);/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0", "#39": "'" };
const CITATION = /^\[(\d{1,3})\](?!\()/;

/** Append a block's text to its element. */
function addInline(text, parent, context) {
  const parts = []; // strings, elements, and runs of * _ ~ that may turn out to be emphasis
  const closing = text.includes("](") ? bracketsIn(text) : new Map();
  let plain = "";
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const known = READERS[rest[0]]?.(rest, text, at, context, closing) ?? readAddress(rest, text, at, context);
    if (known?.part) {
      const isBreak = known.part.nodeName === "BR";
      parts.push(isBreak ? plain.trimEnd() : plain, known.part);
      plain = "";
      if (isBreak) known.length += /^ */.exec(rest.slice(known.length))[0].length;
    } else plain += known?.text ?? rest[0];
    at += known?.length ?? 1;
  }
  parent.append(...emphasized([...parts, plain]));
}

const READERS = {
  "\\": (rest) => {
    if (rest[1] === "\n") return { part: make("br"), length: 2 };
    const escaped = ESCAPED.exec(rest);
    return escaped && { text: escaped[1], length: 2 };
  },
  "\n": () => ({ part: make("br"), length: 1 }),
  "`": readCodeSpan,
  "[": (rest, text, at, context, closing) => (
    readLink(rest, closing.get(at) - at, context) ?? readCitation(rest, context)
  ),
  "<": readAutolink,
  "&": readEntity,
  "*": readRun,
  "_": readRun,
  "~": readRun,
};

function readCodeSpan(rest) {
  const [ticks] = /^`+/.exec(rest);
  const closing = new RegExp(`(?<!\`)\`{${ticks.length}}(?!\`)`, "g");
  closing.lastIndex = ticks.length;
  const end = closing.exec(rest);
  if (!end) return { text: ticks, length: ticks.length };
  let code = rest.slice(ticks.length, end.index).replace(/\n/g, " ");
  if (code.startsWith(" ") && code.endsWith(" ") && code.trim()) code = code.slice(1, -1);
  const element = make("code");
  element.textContent = code;
  return { part: element, length: end.index + ticks.length };
}

function readLink(rest, close, context) {
  const label = rest.slice(1, close || 0);
  // A link within the label takes precedence: the outer brackets are then text.
  const target = !context.isInLink && rest[close + 1] === "(" && !label.includes("](") && TARGET.exec(rest.slice(close + 1));
  const link = target && linkTo((target[1] ?? target[2]).replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&amp;/g, "&"));
  if (!link) return null;
  addInline(label, link, { ...context, isInLink: true, cite: () => null });
  return { part: link, length: close + 1 + target[0].length };
}

/** Return where each opening bracket is closed, in one pass over the text. */
function bracketsIn(text) {
  const closing = new Map();
  const open = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") at += readCodeSpan(text.slice(at)).length - 1;
    else if (text[at] === "[") open.push(at);
    else if (text[at] === "]" && open.length) closing.set(open.pop(), at);
  }
  return closing;
}

function readCitation(rest, context) {
  const mark = CITATION.exec(rest);
  const element = mark && context.cite(Number(mark[1]));
  return element ? { part: element, length: mark[0].length } : null;
}

function readAutolink(rest, text, at, context) {
  const found = !context.isInLink && AUTOLINK.exec(rest);
  return found ? asLink(found[1], found[2] ? "mailto:" : "", found[0].length) : null;
}

/** Read an address or e-mail address that stands in the text as it is. */
function readAddress(rest, text, at, context) {
  if (context.isInLink) return null;
  const before = text[at - 1] ?? " ";
  const address = /^h/i.test(rest) && !/[a-z0-9.+-]/i.test(before) && ADDRESS.exec(rest);
  if (address) return asLink(withoutEnd(address[0]), "");
  const mail = /[\s("<>*_~]/.test(before) && rest.includes("@") && MAIL.exec(rest);
  return mail ? asLink(mail[0], "mailto:") : null;
}

/** Leave off what ends the sentence, or the bracket around an address, rather than the address. */
function withoutEnd(address) {
  const open = { ")": 0, "]": 0 };
  for (let at = 0; at < address.length; at += 1) {
    const sign = address[at];
    if (sign === "(") open[")"] += 1;
    if (sign === "[") open["]"] += 1;
    if (sign in open && (open[sign] -= 1) < 0) return withoutEnd(address.slice(0, at));
  }
  return address.replace(/["'*.,;:!?”’…]{1,99}$/, "");
}

function readEntity(rest) {
  const found = ENTITY.exec(rest);
  return found && { text: ENTITIES[found[1]], length: found[0].length };
}

function asLink(label, scheme, length = label.length) {
  const link = linkTo(scheme + label);
  if (!link) return null;
  link.textContent = label;
  return { part: link, length };
}

/** Return a link that passes on neither opener nor referrer, null for an address that is not of the safe kinds. */
function linkTo(address) {
  const link = make("a");
  if (!LINK_TARGETS.test(address)) return null;
  link.href = address;
  // What the browser makes of the address decides, not what it looks like.
  if (!LINK_TARGETS.test(link.protocol)) return null;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}

// --- emphasis: the rules of CommonMark ------------------------------------------------------------------------------

function readRun(rest, text, at) {
  const [run, sign] = /^(.)\1*/.exec(rest);
  const before = [...text.slice(Math.max(0, at - 2), at)].pop() ?? " ";
  const after = String.fromCodePoint(text.codePointAt(at + run.length) ?? 32);
  const isSpace = (character) => /\s/.test(character);
  const isMark = (character) => PUNCTUATION.test(character);
  const isLeft = !isSpace(after) && (!isMark(after) || isSpace(before) || isMark(before));
  const isRight = !isSpace(before) && (!isMark(before) || isSpace(after) || isMark(after));
  const inWord = sign !== "_";
  return {
    length: run.length,
    part: {
      sign,
      count: run.length,
      size: run.length,
      opens: isLeft && (inWord || !isRight || isMark(before)),
      closes: isRight && (inWord || !isLeft || isMark(after)),
    },
  };
}

/** Return the parts as nodes and strings, pairs of runs turned into the elements that they stand for. */
function emphasized(parts) {
  const floor = {};
  for (let at = 0; at < parts.length; at += 1) {
    const closer = parts[at];
    if (!closer.closes || !closer.count) continue;
    const key = `${closer.sign}${closer.opens}${closer.size % 3}`;
    let from = at - 1;
    const bottom = floor[key] ?? -1;
    // A browser lays out each level within the one around it: thousands would end the page.
    let depth = 1;
    for (; from > bottom && !isPair(parts[from], closer); from -= 1) depth = Math.max(depth, parts[from].depth ?? 1);
    if (from <= bottom || depth > MAX_DEPTH) { floor[key] = at - 1; continue; }
    const opener = parts[from];
    const used = closer.sign === "~" || Math.min(opener.count, closer.count) > 1 ? 2 : 1;
    const element = make(closer.sign === "~" ? "s" : used === 2 ? "strong" : "em");
    element.append(...parts.splice(from + 1, at - from - 1).map(asNode).filter((part) => part !== ""));
    element.depth = depth + 1;
    opener.count -= used;
    closer.count -= used;
    parts.splice(from + 1, 0, element);
    // Once more with what is left of the closing run, which stands after the new element now.
    at = from + 1;
    for (const known of Object.keys(floor)) floor[known] = Math.min(floor[known], from);
  }
  return parts.map(asNode).filter((part) => part !== "");
}

function isPair(opener, closer) {
  if (!opener.opens || opener.sign !== closer.sign || !opener.count) return false;
  if (closer.sign === "~") return opener.count > 1 && closer.count > 1;
  const isOdd = (opener.closes || closer.opens) && (opener.size + closer.size) % 3 === 0;
  return !isOdd || (opener.size % 3 === 0 && closer.size % 3 === 0);
}

function asNode(part) {
  return part.sign && !part.nodeType ? part.sign.repeat(part.count) : part;
}

// --- elements -------------------------------------------------------------------------------------------------------

const make = (tag) => document.createElement(tag);

function add(parent, tag) {
  const element = make(tag);
  parent.append(element);
  return element;
}

/** Return how many columns a line is indented; a tab leads to the next fourth. */
function indentOf(line) {
  let columns = 0;
  for (let at = 0; line[at] === " " || line[at] === "\t"; at += 1) columns += line[at] === "\t" ? 4 - (columns % 4) : 1;
  return columns;
}

function dedented(line, columns) {
  let at = 0;
  let width = 0;
  for (; width < columns && (line[at] === " " || line[at] === "\t"); at += 1) width += line[at] === "\t" ? 4 - (width % 4) : 1;
  return " ".repeat(Math.max(0, width - columns)) + line.slice(at);
}
