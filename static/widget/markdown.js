// Turns what a model wrote into elements while it is still being written: the streaming twin of the server's renderer
// (chatcms/core/modeltext.py), which a test compares it with. Elements are made one by one and text is only ever set
// as text, so nothing in it can become markup: no script, no image, no style; links lead to http, https and mailto.

const MAX_DEPTH = 20;
const LINK_TARGETS = /^(https?|mailto):/i;

const BLANK = /^\s*$/;
const FENCE = /^\s*(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^\s*(#{1,6})(?=[ \t]|$)(.*)$/;
const RULE = /^\s*([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^\s*> ?/;
const ITEM = /^(\s*)([-+*]|\d{1,9}[.)])(?:([ \t]+)(.*))?$/;
const TABLE_RULE = /^\s*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

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
    hasGap = hasGap || wasBlank;
    wasBlank = false;
    const read = BLOCKS.find((block) => block.begins(lines, at, context));
    at = read ? read.add(lines, at, parent, context) : addParagraph(lines, at, parent, context);
  }
  return hasGap;
}

const BLOCKS = [
  { begins: beginsTable, add: addTable },
  { begins: (lines, at) => FENCE.test(lines[at]), add: addCode },
  { begins: (lines, at, { depth }) => QUOTE.test(lines[at]) && depth < MAX_DEPTH, add: addQuote },
  { begins: (lines, at) => RULE.test(lines[at]), add: addRule },
  { begins: (lines, at, { depth }) => ITEM.test(lines[at]) && depth < MAX_DEPTH, add: addList },
  { begins: (lines, at) => HEADING.test(lines[at]), add: addHeading },
];

/** Say whether a line ends the paragraph before it. */
function interrupts(lines, at, { depth }) {
  const line = lines[at];
  if (BLANK.test(line) || FENCE.test(line) || HEADING.test(line) || RULE.test(line)) return true;
  if (beginsTable(lines, at)) return true;
  if (depth >= MAX_DEPTH) return false;
  const item = ITEM.exec(line);
  return QUOTE.test(line) || Boolean(item && item[4] && (/^[-+*]$/.test(item[2]) || parseInt(item[2], 10) === 1));
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
  const [, marks, rest] = HEADING.exec(lines[at]);
  let text = rest.trim();
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  if (!end || /\s/.test(text[end - 1])) text = text.slice(0, end).trim();
  addInline(text, add(parent, `h${marks.length}`), context);
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
  const last = before[before.length - 1];
  if (last === undefined || ITEM.test(lines[at]) || interrupts(lines, at, context)) return false;
  const isOpen = before.reduce((open, line) => (FENCE.test(line) ? !open : open), false);
  return !isOpen && !BLANK.test(last) && !FENCE.test(last) && !HEADING.test(last) && !RULE.test(last);
}

function addList(lines, at, parent, context) {
  const kind = markOf(lines[at]);
  const list = add(parent, kind.ordered ? "ol" : "ul");
  if (kind.ordered && kind.start !== 1) list.setAttribute("start", kind.start);
  let isLoose = false;
  let end = at;
  for (let next = at; next < lines.length && isItemOf(kind, lines[next]);) {
    isLoose = isLoose || next > end;
    const item = readItem(lines, next, context);
    isLoose = addBlocks(item.lines, add(list, "li"), { ...context, depth: context.depth + 1 }) || isLoose;
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
  while (end < lines.length && !endsTable(lines[end])) {
    body = body ?? add(table, "tbody");
    addRow(lines[end], body, "td", columns, context);
    end += 1;
  }
  return end;
}

function endsTable(line) {
  return BLANK.test(line) || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
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
const AUTOLINK = /^<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+)>/i;
const HOST = /^https?:\/\/[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?(?::\d{1,5})?(?=([/?#])?)/iu;
const MAIL = /^[a-z0-9](?:[\w.+-]*[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/i;
const ENTITY = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp|ndash|mdash|hellip|copy|reg|deg));/i;
const ENTITIES = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", ndash: "–", mdash: "—", hellip: "…", copy: "©",
  reg: "®", deg: "°",
};
const CITATION = /^\[(\d{1,3})\](?!\()/;

/** Append a block's text to its element. Returns whether there is a link in it. */
function addInline(text, parent, context) {
  const parts = []; // strings, elements, and runs of * _ ~ that may turn out to be emphasis
  const closing = text.includes("](") ? bracketsIn(text) : null;
  let hasLink = false;
  let plain = "";
  const flush = () => { if (plain) parts.push(plain); plain = ""; };
  const put = (part) => { flush(); parts.push(part); };
  const putLink = (link) => { hasLink = true; put(link); };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const sign = rest[0];
    const known = READERS[sign]?.(rest, text, at, context, closing) ?? readAddress(rest, text, at, context);
    if (!known) { plain += sign; at += 1; continue; }
    if (known.text !== undefined) plain += known.text;
    else if (known.link) putLink(known.link);
    else if (known.part) {
      if (known.part.nodeName === "BR") plain = plain.replace(/ +$/, "");
      put(known.part);
    }
    at += known.length;
    if (known.part?.nodeName === "BR") while (text[at] === " ") at += 1;
  }
  flush();
  parent.append(...emphasized(parts));
  return hasLink;
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
    readLink(rest, (closing?.get(at) ?? at) - at, context) ?? readCitation(rest, context)
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
  if (!close || rest[close + 1] !== "(" || context.isInLink || (context.nesting ?? 0) > 3) return null;
  const target = readTarget(rest.slice(close + 1));
  if (!target) return null;
  const link = linkTo(target.address, target.title);
  if (!link) return null;
  // A link within the label takes precedence: the outer brackets are then text.
  const label = rest.slice(1, close);
  const inner = { ...context, cite: () => null, nesting: (context.nesting ?? 0) + 1 };
  if (label.includes("](") || label.includes("<")) {
    if (addInline(label, document.createDocumentFragment(), inner)) return null;
  }
  addInline(label, link, { ...inner, isInLink: true });
  return { link, length: close + 1 + target.length };
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

/** Read `(address "title")`. */
function readTarget(rest) {
  const start = /^\(\s*/.exec(rest)[0].length;
  let end = start;
  let address;
  if (rest[start] === "<") {
    const inAngles = /^<((?:\\.|[^<>\n\\])*)>/.exec(rest.slice(start));
    if (!inAngles) return null;
    address = inAngles[1];
    end += inAngles[0].length;
  } else {
    for (let open = 0; end < rest.length && !/[\s\x00-\x1f\x7f]/.test(rest[end]); end += 1) {
      if (rest[end] === "\\" && /[!-/:-@[-`{-~]/.test(rest[end + 1] ?? "")) end += 1;
      else if (rest[end] === "(") open += 1;
      // As deep as any address needs to be; what is never closed must not be read to its end again and again.
      else if (open > 32) return null;
      else if (rest[end] === ")" && open-- === 0) break;
    }
    address = rest.slice(start, end);
  }
  const closing = /^(?:\s+(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\(((?:\\.|[^()\\])*)\)))?\s*\)/.exec(rest.slice(end));
  if (!closing) return null;
  const title = closing[1] ?? closing[2] ?? closing[3] ?? "";
  return { address: plainly(address), title: plainly(title), length: end + closing[0].length };
}

function plainly(text) {
  return text.replace(/\\([!-/:-@[-`{-~])|&[#\w]+;/g, (found, escaped) => escaped ?? readEntity(found)?.text ?? found);
}

function readCitation(rest, context) {
  const mark = CITATION.exec(rest);
  const element = mark && context.cite(Number(mark[1]));
  return element ? { part: element, length: mark[0].length } : null;
}

function readAutolink(rest, text, at, context) {
  const found = AUTOLINK.exec(rest);
  if (!found || context.isInLink) return null;
  const isMail = !/^[a-z][a-z0-9+.-]{1,31}:/i.test(found[1]);
  return asLink(found[1], isMail ? `mailto:${found[1]}` : found[1], found[0].length);
}

/** Read an address or e-mail address that stands in the text as it is. */
function readAddress(rest, text, at, context) {
  if (context.isInLink) return null;
  const before = text[at - 1] ?? " ";
  const host = (rest[0] === "h" || rest[0] === "H") && !/[a-z0-9.+-]/i.test(before) && HOST.exec(rest);
  if (host) {
    const address = rest.slice(0, host[1] ? addressEnd(rest, host[0].length) : host[0].length).replace(/\*+$/, "");
    return asLink(address, address, address.length);
  }
  const mail = /[\s("<>*_~]/.test(before) && rest.includes("@") && MAIL.exec(rest);
  return mail ? asLink(mail[0], `mailto:${mail[0]}`, mail[0].length) : null;
}

/** Return where an address ends: before what ends the sentence or the bracket around it. */
function addressEnd(text, from) {
  let at = from;
  for (; at < text.length && !/[\s<>\x00-\x1f]/.test(text[at]); at += 1) {
    const sign = text[at];
    const closing = { "(": ")", "[": "]", "{": "}", '"': '"' }[sign];
    if (closing) {
      const end = text.indexOf(closing, at + 1);
      if (end < 0 || /\s/.test(text.slice(at, end))) break;
      at = end;
    } else if (")]}".includes(sign)) break;
    else if (sign === "'" && !/[\p{L}\p{N}-]/u.test(text[at + 1] ?? "")) break;
    else if (".,;!?".includes(sign)) {
      let last = at;
      while (".!?".includes(sign) && text[last + 1] === sign) last += 1;
      if (/^(\s|$)/.test(text.slice(last + 1, last + 2))) break;
      at = last;
    }
  }
  return at;
}

function readEntity(rest) {
  const found = ENTITY.exec(rest);
  if (!found) return null;
  const [whole, decimal, hexadecimal, name] = found;
  if (name) return name in ENTITIES ? { text: ENTITIES[name], length: whole.length } : null;
  const code = decimal ? parseInt(decimal, 10) : parseInt(hexadecimal, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return { text: isCharacter ? String.fromCodePoint(code) : "\ufffd", length: whole.length };
}

function asLink(label, address, length) {
  const link = linkTo(address, "");
  if (!link) return null;
  link.textContent = readable(label);
  return { link, length };
}

function readable(address) {
  try {
    return decodeURI(address.replace(/%25/g, "%2525"));
  } catch {
    return address;
  }
}

/** Return a link that passes on neither opener nor referrer, null for an address that is not of the safe kinds. */
function linkTo(address, title) {
  const link = make("a");
  if (!LINK_TARGETS.test(address)) return null;
  link.setAttribute("href", address);
  // What the browser makes of the address decides, not what it looks like.
  if (!LINK_TARGETS.test(link.protocol)) return null;
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
  if (title) link.setAttribute("title", title);
  return link;
}

// --- emphasis: the rules of CommonMark ------------------------------------------------------------------------------

function readRun(rest, text, at) {
  const sign = rest[0];
  const [run] = { "*": /^\*+/, "_": /^_+/, "~": /^~+/ }[sign].exec(rest);
  const before = characterBefore(text, at);
  const after = String.fromCodePoint(text.codePointAt(at + run.length) ?? 32);
  const isSpace = (character) => /\s/.test(character);
  const isMark = (character) => PUNCTUATION.test(character);
  const opensLeft = !isSpace(after) && (!isMark(after) || isSpace(before) || isMark(before));
  const closesRight = !isSpace(before) && (!isMark(before) || isSpace(after) || isMark(after));
  const isWord = sign === "_";
  return {
    length: run.length,
    part: {
      sign,
      count: run.length,
      size: run.length,
      opens: opensLeft && (!isWord || !closesRight || isMark(before)),
      closes: closesRight && (!isWord || !opensLeft || isMark(after)),
    },
  };
}

function characterBefore(text, at) {
  if (!at) return " ";
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? text.slice(at - 2, at) : text[at - 1];
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
    while (from > bottom && !isPair(parts[from], closer)) from -= 1;
    if (from <= bottom) { floor[key] = at - 1; continue; }
    const opener = parts[from];
    const used = closer.sign === "~" || Math.min(opener.count, closer.count) > 1 ? 2 : 1;
    const element = make(closer.sign === "~" ? "s" : used === 2 ? "strong" : "em");
    element.append(...parts.splice(from + 1, at - from - 1).map(asNode).filter((part) => part !== ""));
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

function make(tag) {
  return document.createElement(tag);
}

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
