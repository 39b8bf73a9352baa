// Talks to a bot with the AI SDK, which speaks OpenAI's protocol in code of its own.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const base = process.env.CHAT ?? "http://127.0.0.1:8000";
const chat = createOpenAICompatible({ name: "chatcms", baseURL: `${base}/v1`, apiKey: process.env.CHAT_KEY ?? "" });
const model = chat(process.env.CHAT_BOT ?? "fjord-helper");
const prompt = "How long is the battery under warranty?";

const whole = await generateText({ model, prompt });
console.log("whole:", whole.text);
console.log("finished:", whole.finishReason);

let streamed = "";
const stream = streamText({ model, prompt, onError: ({ error }) => { throw error; } });
for await (const piece of stream.textStream) streamed += piece;
console.log("streamed:", streamed);
