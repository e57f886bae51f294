// node run.mjs <the .wasm>: calls what it exports, which needs nothing of its surroundings.
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), {});
const expected = { annotated: 1_098, by_hand: 1_098, plain: 2_098 };
for (const [call, value] of Object.entries(expected)) {
  const found = instance.exports[call]();
  if (found !== value) throw new Error(`${call}: ${found}, not ${value}`);
  console.log(`${call}: ${found}`);
}
