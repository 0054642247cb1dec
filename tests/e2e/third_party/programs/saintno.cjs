// Everything of @saintno/comfyui-sdk that concerns still pictures.
const assert = require("node:assert");
const fs = require("node:fs");
const { CallWrapper, ComfyApi, ComfyPool, PromptBuilder } = require("@saintno/comfyui-sdk");
const [url, path] = process.argv.slice(2);
const graph = JSON.parse(fs.readFileSync(path));

const run = (api, builder) =>
  new Promise((resolve) => {
    const told = { progress: [] };
    new CallWrapper(api, builder)
      .onProgress((step) => told.progress.push(step.value))
      .onFinished((data) => resolve({ ...told, images: data.images.images }))
      .onFailed((error) => resolve({ ...told, error }))
      .run();
  });

const painting = (seed, changes = {}) => {
  const copy = structuredClone(graph);
  Object.assign(copy[9], changes.saving);
  Object.assign(copy[3].inputs, changes.sampling);
  return new PromptBuilder(copy, ["seed"], ["images"])
    .setInputNode("seed", "3.inputs.seed")
    .setOutputNode("images", "9")
    .input("seed", seed);
};

async function main() {
  const api = new ComfyApi(url, "saintno");
  await api.init(10, 500).waitForReady();
  assert((await api.ping()).status);
  for (const question of ["pollStatus", "getQueue", "getHistories", "getSystemStats", "getTerminalLogs", "getExtensions",
    "getEmbeddings", "getCheckpoints", "getLoras", "getSamplerInfo", "getUserConfig", "getSettings", "getFeatures",
    "getModelTypes", "getWorkflowTemplates"]) assert(await api[question](), question);
  assert(Object.keys(await api.getNodeDefs()).length > 300);
  assert.deepEqual(Object.keys(await api.getNodeDefs("KSampler")), ["KSampler"]);
  await api.setTerminalSubscription(true);
  await api.storeSetting("a.b", true);
  assert.equal(await api.getSetting("a.b"), true);
  await api.storeUserData("workflows/x.json", { a: 1 }, { overwrite: true, stringify: true, throwOnError: true });
  assert.deepEqual(await api.listUserData("workflows", true, false), ["x.json"]);
  assert.equal((await api.moveUserData("workflows/x.json", "workflows/y.json")).status, 200);
  await api.deleteUserData("workflows/y.json");
  assert((await api.getModels("checkpoints")).includes("limner-mini.safetensors"));
  assert(await api.freeMemory(true, true));

  const done = await run(api, painting(41));
  assert(done.progress.includes(4));
  assert((await api.getImage(done.images[0])).size > 1000);
  assert.deepEqual((await run(api, painting(41))).images, done.images);
  const picture = new Uint8Array(await (await api.getImage(done.images[0])).arrayBuffer());
  const stored = await api.uploadImage(picture, "up.png", { override: true, subfolder: "sdk" });
  assert.equal(stored.info.subfolder, "sdk");
  assert((await api.uploadMask(picture, { filename: "up.png", subfolder: "sdk", type: "input" })).info.filename);

  assert((await run(api, painting(42, { saving: { class_type: "NobodyKnowsIt" } }))).error);
  assert((await run(api, painting(43, { saving: { inputs: { images: ["8", 0], filename_prefix: "../../out" } } }))).error);
  setTimeout(() => api.interrupt(), 1000);
  assert((await run(api, painting(44, { sampling: { steps: 2000 } }))).error);
  await api.reconnectWs(true);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert((await run(api, painting(45))).images);
  await api.clearHistory({ clear: true });
  assert.deepEqual(await api.getHistories(), {});
  const pool = new ComfyPool([new ComfyApi(url, "pool1"), new ComfyApi(url, "pool2")]);
  assert.equal((await pool.batch([(one) => one.getQueue(), (one) => one.getQueue()])).length, 2);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
