// @comfyorg/sdk over Comfy API v2, and its own schemas on every body that it is sent.
const assert = require("node:assert");
const fs = require("node:fs");
const [url, path] = process.argv.slice(2);

process.env.COMFY_BASE_URL = url;

const plain = (color) => ({
  1: { class_type: "EmptyImage", inputs: { width: 32, height: 32, batch_size: 1, color } },
  2: { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "js" } },
});

async function main() {
  const { Comfy } = await import(require.resolve("@comfyorg/sdk"));
  const { schemas } = await import(require.resolve("@comfyorg/sdk/low"));
  const client = new Comfy();
  const told = async (place) => (await fetch(`${url}/api/v2${place}`)).json();

  const painting = JSON.parse(fs.readFileSync(path, "utf-8"));
  for (const node of Object.values(painting)) if (node.class_type === "KSampler") node.inputs.seed = Date.now();
  const job = await client.submit(client.workflows.fromJson(painting));
  const kinds = [];
  for await (const event of job.events()) kinds.push(event.kind === "statusChange" ? event.status : event.kind);
  assert.equal(kinds.at(-1), "succeeded");
  assert(kinds.includes("progress") && kinds.includes("outputReady"), kinds.join());
  await job.wait();
  schemas.zJob.parse(await told(`/jobs/${job.id}`));
  assert.equal((await job.getWorkflow()).format, "api");

  const done = await client.run(client.workflows.fromJson(plain(0x102030)));
  const bytes = await done.outputs[0].toBytes();
  assert.equal(bytes.length, done.outputs[0].sizeBytes);
  const photo = client.assets.fromBytes(bytes, { filename: "js photo.png", contentType: "image/png" });
  const loaded = await client.run(client.workflows.fromJson({
    1: { class_type: "LoadImage", inputs: { image: photo } },
    2: { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  }));
  assert.equal(loaded.outputs[0].type, "image");
  const kept = await told(`/assets/${photo.id}`);
  schemas.zAsset.parse(kept);
  assert.equal(kept.file_path, "js photo.png");

  const mine = client.assets.fromBytes(new Uint8Array([1, 2, 3, Date.now() % 256]), { filename: "mine.bin" });
  await mine.commit();
  await mine.delete();
  await assert.rejects(client.assets.get(mine.id), (error) => error.code === "not_found");

  const key = crypto.randomUUID();
  await client.submit(client.workflows.fromJson(plain(1)), { idempotencyKey: key });
  const again = client.submit(client.workflows.fromJson(plain(1)), { idempotencyKey: key });
  await assert.rejects(again, (error) => error.code === "idempotency_key_reuse");
  const nothing = client.submit(client.workflows.fromJson({ 1: { class_type: "Nothing", inputs: {} } }));
  await assert.rejects(nothing, (error) => error.code === "invalid_workflow");

  const ended = await client.jobs.get(done.id);
  assert.equal((await ended.cancel()).status, "succeeded");
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
