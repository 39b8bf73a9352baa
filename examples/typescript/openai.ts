// Talks to a bot with OpenAI's official client: the model is the bot.
import OpenAI from "openai";

const base = process.env.CHAT ?? "http://127.0.0.1:8000";
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: process.env.CHAT_KEY });
const model = process.env.CHAT_BOT ?? "fjord-helper";
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "user", content: "How long is the battery under warranty?" },
];

const models: string[] = [];
for await (const one of client.models.list()) models.push(one.id);
console.log("models:", models.join(", "));

const whole = await client.chat.completions.create({ model, messages });
console.log("whole:", whole.choices[0]?.message.content);

let streamed = "";
let usage: OpenAI.CompletionUsage | null | undefined;
const stream = await client.chat.completions.create({
  model, messages, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  streamed += chunk.choices[0]?.delta.content ?? "";
  usage = chunk.usage ?? usage;
}
console.log("streamed:", streamed);
console.log("tokens:", usage?.total_tokens);

const refused = await client.chat.completions.create({ model: "nobody", messages }).catch((error: unknown) => error);
console.log("refused:", refused instanceof OpenAI.NotFoundError ? refused.status : refused);
