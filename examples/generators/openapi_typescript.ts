// Typed events and webhook payloads, with the types that `openapi-typescript` makes of the schema.
import type { components, webhooks } from "./schema.js";

type ChatEvent = components["schemas"]["ChatEvent"];
type Sent<Name extends keyof webhooks> = webhooks[Name]["post"]["requestBody"]["content"]["application/json"];
type Received = { [Name in keyof webhooks]: Sent<Name> }[keyof webhooks];

// A block of the stream as an event; the name of the event decides of what type its data is.
export function read(block: string): ChatEvent {
  const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
  return { ...fields, data: JSON.parse(fields["data"] ?? "null") } as ChatEvent;
}

export function said(event: ChatEvent): string {
  switch (event.event) {
    case "delta":
      return event.data.text;
    case "citation":
      return `[${event.data.number}] ${event.data.document}, page ${event.data.page ?? "none"}`;
    case "done":
      return `(${event.data.finish_reason} after ${event.data.total_ms.toFixed()} ms)`;
    case "error":
      return `${event.data.code}: ${event.data.detail}`;
    default:
      return "";
  }
}

export function received(body: Received): string {
  switch (body.type) {
    case "question.unanswered":
      return `${body.data.bot.slug} found nothing: ${body.data.url}`;
    case "message.created":
      return `message ${body.data.seq.toFixed()} of ${body.data.conversation_id} by ${body.data.role}`;
    case "bot.published":
      return `${body.data.bot.name} ${body.data.version.toFixed()}`;
    default:
      return body.type;
  }
}

// @ts-expect-error: an event that there is not
export const wrong: ChatEvent = { event: "nothing", data: {} };

if (said(read('event: delta\nid: 1.2.0.0\ndata: {"text": "Forty days"}')) !== "Forty days") throw new Error("not read");
