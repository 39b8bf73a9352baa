// Reads server-sent events from a fetch body: any line ending, comments skipped, JSON data parsed.

export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      buffer += value ?? "";
      // A lone CR at the end may be the first half of CRLF: wait for what follows.
      const whole = done || !buffer.endsWith("\r") ? buffer : buffer.slice(0, -1);
      const blocks = whole.split(/\r\n\r\n|\n\n|\r\r/);
      const rest = blocks.pop() + buffer.slice(whole.length);
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
      buffer = rest;
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  const fields = { event: "message", id: null };
  const data = [];
  for (const line of block.split(/\r\n|\r|\n/)) {
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "data") data.push(value ?? "");
    else if (name) fields[name] = value ?? "";
  }
  if (!data.length) return null;
  return { ...fields, data: JSON.parse(data.join("\n")) };
}
