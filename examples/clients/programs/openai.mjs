// The official client for Node, by chat completions and by responses.
import OpenAI from "openai";
import * as kit from "./kit.mjs";

const client = new OpenAI({ baseURL: kit.BASE_URL, apiKey: kit.KEY });
const user = (content) => [{ role: "user", content }];
const ask = (content, model = kit.ECHO, more = {}) =>
  client.chat.completions.create({ model, messages: user(content), ...more });

await kit.main({
  async chat() {
    kit.same((await ask(kit.SAID)).choices[0].message.content, kit.SAID);
    kit.same((await client.responses.create({ model: kit.ECHO, input: kit.SAID })).output_text, kit.SAID);
  },
  async stream() {
    let text = "";
    for await (const chunk of await ask(kit.SAID, kit.ECHO, { stream: true })) text += chunk.choices[0].delta.content ?? "";
    kit.same(text, kit.SAID);
    const runner = client.responses.stream({ model: kit.ECHO, input: kit.SAID });
    kit.same((await runner.finalResponse()).output_text, kit.SAID);
  },
  async usage() {
    let last;
    for await (last of await ask(kit.SAID, kit.ECHO, { stream: true, stream_options: { include_usage: true } }));
    kit.yes(last.usage.total_tokens, "usage");
  },
  async sources() {
    const { message } = (await ask(kit.QUESTION, kit.CITE)).choices[0];
    kit.yes(message.annotations[0].url_citation.url, "address of a source");
    const response = await client.responses.create({ model: kit.CITE, input: kit.QUESTION });
    kit.yes(response.output[0].content[0].annotations[0].url, "address of a source");
  },
  async tools() {
    const lookup = (given) => (kit.same(given, kit.ARGUMENTS), "sunny");
    const tool = { type: "function", function: { ...kit.LOOKUP, function: lookup, parse: JSON.parse } };
    const runner = client.chat.completions.runTools({ model: kit.TOOLS, messages: user(kit.WEATHER), tools: [tool] });
    kit.same(await runner.finalContent(), kit.TOLD);
  },
  async json() {
    const response_format = { type: "json_schema", json_schema: { name: "person", schema: kit.SCHEMA, strict: true } };
    const answer = await ask(kit.SAID, kit.JSON_BOT, { response_format });
    kit.same(JSON.parse(answer.choices[0].message.content), kit.NAMED);
  },
  async turns() {
    const messages = [];
    for (const words of kit.TURNS) {
      messages.push(...user(words));
      const { message } = (await client.chat.completions.create({ model: kit.ECHO, messages })).choices[0];
      kit.same(message.content, words);
      messages.push(message);
    }
  },
});
