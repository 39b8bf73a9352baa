// Asks a bot over a stream, loses the connection, and comes back for the rest: typed by the schema.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

type Problem = components["schemas"]["Problem"];
interface ServerEvent { name: string; id: string; data: Record<string, unknown> }

const base = process.env.CHAT ?? "http://127.0.0.1:8000";
const headers = { Authorization: `Bearer ${process.env.CHAT_KEY ?? ""}` };
const bot = process.env.CHAT_BOT ?? "fjord-helper";
const api = createClient<paths>({ baseUrl: base, headers });

// --- typed calls: a misspelt field or path does not compile ---------------------------------------------
const { data: bots, error } = await api.GET("/v1/chat/bots", { params: { query: { limit: 5 } } });
if (error) throw new Error((error as Problem).detail);
console.log("bots:", bots.results.map((one) => one.name).join(", "));

// --- a stream ------------------------------------------------------------------------------------------
const answer = { text: "", sources: 0, messageId: "", lastId: "", done: false };

function take({ name, id, data }: ServerEvent): void {
  answer.lastId = id;
  if (name === "conversation") answer.messageId = String(data.message_id);
  if (name === "reset") { answer.text = ""; answer.sources = 0; }
  if (name === "delta") answer.text += String(data.text);
  if (name === "citation") answer.sources += 1;
  if (name === "done") answer.done = true;
  if (name === "error") throw new Error(String(data.detail));
}

async function* events(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.ok || !response.body) throw new Error(((await response.json()) as Problem).detail);
  let buffer = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += piece;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, id, data] = /^event: (\w+)\nid: (\S+)\ndata: (.*)$/s.exec(block) ?? [];
      if (name && id && data) yield { name, id, data: JSON.parse(data) as Record<string, unknown> };
    }
  }
}

const question: components["schemas"]["QuestionRequest"] = {
  message: "How long is the battery under warranty?", stream: true,
};
const asked = await fetch(`${base}/v1/chat/bots/${bot}/messages`, {
  method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(question),
});
for await (const event of events(asked)) {
  take(event);
  if (event.name === "delta") break; // as if the connection were lost after the first words
}
console.log("lost after:", answer.text.length > 0);

while (!answer.done) {
  const rest = await fetch(`${base}/v1/chat/messages/${answer.messageId}/events`, {
    headers: { ...headers, "Last-Event-ID": answer.lastId },
  });
  for await (const event of events(rest)) take(event);
}
console.log("answer:", answer.text);
console.log("sources:", answer.sources);
