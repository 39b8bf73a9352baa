// LangChain's ChatOpenAI for JavaScript; sources by responses, since it reads annotations only there.
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import * as kit from "./kit.mjs";

const model = (name = kit.ECHO, more = {}) =>
  new ChatOpenAI({ model: name, apiKey: kit.KEY, configuration: { baseURL: kit.BASE_URL }, ...more });

await kit.main({
  async chat() {
    kit.same((await model().invoke(kit.SAID)).content, kit.SAID);
  },
  async stream() {
    let text = "";
    for await (const chunk of await model().stream(kit.SAID)) text += chunk.content;
    kit.same(text, kit.SAID);
  },
  async usage() {
    kit.yes((await model().invoke(kit.SAID)).usage_metadata.total_tokens, "usage");
  },
  async sources() {
    const answer = await model(kit.CITE, { useResponsesApi: true }).invoke(kit.QUESTION);
    kit.yes(answer.content[0].annotations[0].url, "address of a source");
  },
  async tools() {
    const bound = model(kit.TOOLS).bindTools([{ type: "function", function: kit.LOOKUP }]);
    const answer = await bound.invoke(kit.WEATHER);
    kit.same(answer.tool_calls[0].args, kit.ARGUMENTS);
    const result = new ToolMessage({ content: "sunny", tool_call_id: answer.tool_calls[0].id });
    kit.same((await bound.invoke([new HumanMessage(kit.WEATHER), answer, result])).content, kit.TOLD);
  },
  async json() {
    const structured = model(kit.JSON_BOT).withStructuredOutput(kit.SCHEMA, { name: "person", method: "jsonSchema" });
    kit.same(await structured.invoke(kit.SAID), kit.NAMED);
  },
  async turns() {
    const said = [];
    for (const words of kit.TURNS) {
      said.push(new HumanMessage(words));
      const answer = await model().invoke(said);
      kit.same(answer.content, words);
      said.push(new AIMessage(answer.content));
    }
  },
});
