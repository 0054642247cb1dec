// Everything of @stable-canvas/comfyui-client that concerns still pictures.
const assert = require("node:assert");
const fs = require("node:fs");
const WebSocket = require("ws");
const { BasePipe, Client, Workflow } = require("@stable-canvas/comfyui-client");
const [url, path] = process.argv.slice(2);
const graph = JSON.parse(fs.readFileSync(path));
const model = "limner-mini.safetensors";

async function main() {
  const client = new Client({ api_host: url.replace("http://", ""), WebSocket, fetch, clientId: "stable-canvas" });
  assert(await client.connect());
  for (const question of ["getExtensions", "getEmbeddings", "getQueue", "getHistory", "getSystemStats", "getUserConfig",
    "getSettings", "getModelFolders", "getSamplers", "getSchedulers", "getSDModels", "getCNetModels", "getUpscaleModels",
    "getHyperNetworks", "getLoRAs", "getVAEs"]) assert(await client[question](), question);
  assert(Object.keys(await client.getNodeDefs()).length > 300);
  assert.equal((await client.getModels("checkpoints"))[0].name, model);
  assert((await client.viewMetadata("checkpoints", model)).license);
  await client.storeSetting("c.d", { a: 1 });
  assert.deepEqual(await client.getSetting("c.d"), { a: 1 });

  graph[3].inputs.seed = 51;
  const steps = [];
  const done = await client.enqueue(graph, { progress: ({ value }) => steps.push(value) });
  assert(steps.includes(4));
  assert.deepEqual((await client.enqueue(graph, {})).images, done.images);
  graph[3].inputs.seed = 52;
  assert.equal((await client.enqueue_polling(graph, {})).images.length, 1);
  const wrong = structuredClone(graph);
  wrong[9].class_type = "NobodyKnowsIt";
  await assert.rejects(client.enqueue(wrong, {}));
  wrong[9] = { class_type: "SaveImage", inputs: { images: ["8", 0], filename_prefix: "../../out" } };
  await assert.rejects(client.enqueue(wrong, {}), /outside/);

  const flow = new Workflow();
  const [network, clip, vae] = flow.node("CheckpointLoaderSimple", { ckpt_name: model });
  const encode = (text) => flow.node("CLIPTextEncode", { text, clip })[0];
  const [latent_image] = flow.node("EmptyLatentImage", { width: 128, height: 128, batch_size: 2 });
  const [samples] = flow.node("KSampler", { seed: 3, steps: 3, cfg: 5, sampler_name: "euler", scheduler: "normal",
    denoise: 1, model: network, positive: encode("x"), negative: encode("y"), latent_image });
  const [images] = flow.node("VAEDecode", { samples, vae });
  flow.node("SaveImage", { images, filename_prefix: "from-js" });
  assert.equal((await flow.invoke(client)).images.length, 2);
  const pipe = new BasePipe().with(client).model(model).prompt("a tree").negative("low").size(128, 128);
  assert.equal((await pipe.steps(3).cfg(5).seed(4).save().wait()).images.length, 1);

  await client.free({ unload_models: true, free_memory: true });
  const queued = await client.queuePrompt(-1, { prompt: graph, workflow: {} });
  await client.waitForPrompt(queued.prompt_id, 200, 20000);
  assert((await client.getPromptOutputs(queued.prompt_id))[9].images.length);
  await client.deleteItem("history", queued.prompt_id);
  await client.clearItems("queue");
  client.close();
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
