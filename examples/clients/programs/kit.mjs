// What the programs of Node share; kit.py has the same for Python.
import assert from "node:assert/strict";

const env = (name) => process.env[name];
export const BASE_URL = `${env("CHAT")}/v1`;
export const KEY = env("CHAT_KEY");
export const [ECHO, CITE, TOOLS, JSON_BOT] = ["ECHO", "CITE", "TOOLS", "JSON"].map((name) => env(`CHAT_BOT_${name}`));
export const NOT_THERE = 3;
export const SAID = "One two three four";
export const QUESTION = "How long may a purchase be returned?";
export const WEATHER = "What is the weather?";
export const ARGUMENTS = { city: "Paris", days: 3 };
export const TURNS = ["First words", "Second words", "Third words"];
export const TOLD = "The tool says: sunny";
export const NAMED = { name: "forty-two" };
const strict = (properties) =>
  ({ type: "object", properties, required: Object.keys(properties), additionalProperties: false });
export const SCHEMA = strict({ name: { type: "string" } });
export const PARAMETERS = strict({ city: { type: "string" }, days: { type: "integer" } });
export const LOOKUP = { name: "lookup", description: "Looks the weather up.", parameters: PARAMETERS };
export const same = (found, wanted) => assert.deepEqual(found, wanted);
export const yes = (found, what) => assert.ok(found, `There is no ${what}`);

export async function main(checks) {
  const check = checks[process.argv[2]];
  if (!check) process.exit(NOT_THERE);
  await check();
}
