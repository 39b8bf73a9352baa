// The AI SDK with either provider: AI_PROVIDER is `openai` (by responses, its default) or `openai-compatible`.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import * as kit from "./kit.mjs";

const isOpenAI = process.env.AI_PROVIDER === "openai";
const settings = { baseURL: kit.BASE_URL, apiKey: kit.KEY };
const provider = isOpenAI
  ? createOpenAI(settings)
  : createOpenAICompatible({ ...settings, name: "bots", supportsStructuredOutputs: true, includeUsage: true });
const model = (name = kit.ECHO) => provider(name);

await kit.main({
  async chat() {
    kit.same((await generateText({ model: model(), prompt: kit.SAID })).text, kit.SAID);
  },
  async stream() {
    let text = "";
    for await (const piece of streamText({ model: model(), prompt: kit.SAID }).textStream) text += piece;
    kit.same(text, kit.SAID);
  },
  async usage() {
    const result = streamText({ model: model(), prompt: kit.SAID });
    await result.consumeStream();
    kit.yes((await result.usage).totalTokens, "usage");
  },
  ...(isOpenAI && {
    async sources() {
      const { sources } = await generateText({ model: model(kit.CITE), prompt: kit.QUESTION });
      kit.yes(sources[0].url, "address of a source");
    },
  }),
  async tools() {
    const execute = async (given) => (kit.same(given, kit.ARGUMENTS), "sunny");
    const lookup = tool({ description: "Looks the weather up.", inputSchema: jsonSchema(kit.PARAMETERS), execute });
    const asked = { model: model(kit.TOOLS), prompt: kit.WEATHER, tools: { lookup }, stopWhen: stepCountIs(3) };
    kit.same((await generateText(asked)).text, kit.TOLD);
  },
  async json() {
    const output = Output.object({ schema: jsonSchema(kit.SCHEMA) });
    const result = await generateText({ model: model(kit.JSON_BOT), prompt: kit.SAID, output });
    kit.same(result.output, kit.NAMED);
  },
  async turns() {
    const messages = [];
    for (const content of kit.TURNS) {
      messages.push({ role: "user", content });
      const { text, response } = await generateText({ model: model(), messages });
      kit.same(text, content);
      messages.push(...response.messages);
    }
  },
});
