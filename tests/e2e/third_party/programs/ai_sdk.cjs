// Vercel's `ai` with @ai-sdk/openai-compatible: pictures, edits, chats at once and streamed, refusals.
const assert = require("node:assert");
const { generateImage, experimental_generateImage, generateText, streamText } = require("ai");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const [url] = process.argv.slice(2);

const draw = generateImage ?? experimental_generateImage;
const limner = createOpenAICompatible({ name: "limner", baseURL: `${url}/v1`, apiKey: "none", includeUsage: true });
const small = { size: "128x128", seed: 3, providerOptions: { limner: { steps: 2 } } };
const isPng = (bytes) => Buffer.from(bytes.slice(1, 4)).toString() === "PNG";

async function main() {
  const model = limner.imageModel("limner-mini");
  const { images } = await draw({ model, prompt: "a red apple", n: 2, ...small });
  assert.equal(images.length, 2);
  assert(images.every((image) => isPng(image.uint8Array) && image.mediaType === "image/png"));
  const again = await draw({ model, prompt: "a red apple", ...small });
  assert(isPng(again.image.uint8Array));

  const edited = await draw({ model, prompt: { text: "a rose", images: [images[0].uint8Array] }, ...small });
  assert(isPng(edited.image.uint8Array));

  await assert.rejects(draw({ model: limner.imageModel("nobody"), prompt: "x" }), /nobody/);

  const chat = limner.chatModel("limner-mini");
  const told = await generateText({ model: chat, prompt: "a red apple" });
  assert(told.text.includes("](http"));
  assert(told.usage.outputTokens > 0);
  const stream = streamText({ model: chat, prompt: "a red apple" });
  let words = "";
  for await (const part of stream.textStream) words += part;
  assert(words.includes("](http"));
  assert.equal(await stream.finishReason, "stop");
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
