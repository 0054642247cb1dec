// Flow i: a model is added by a file and used without a reload. And: what is installed, what can be had, folders, trash.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DESKTOP, EVERYWHERE, flow, pixelsOf } from './stage.mjs'

const TINY = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../../../models/builtin/limner-mini.safetensors',
)

/** A LoRA of two tensors, as bytes. */
function lora(title) {
  const tensor = (at) => ({ dtype: 'F16', shape: [4], data_offsets: [at, at + 8] })
  const header = {
    __metadata__: { 'modelspec.title': title, 'modelspec.trigger_phrase': 'ink wash' },
    'lora_unet_down.lora_up.weight': tensor(0),
    'lora_unet_down.lora_down.weight': tensor(8),
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(16)])
}

flow(
  'a model by file',
  async ({ page, open, shot, axe, server }) => {
    const folder = mkdtempSync(join(tmpdir(), 'model-'))
    const file = join(folder, 'my-own.safetensors')
    copyFileSync(TINY, file)
    try {
      await open('create')
      await page.getByRole('button', { name: /^Model: / }).waitFor()
      await page.evaluate(() => {
        globalThis.notReloaded = true
      })
      await page.getByRole('link', { name: 'Models' }).click()
      await page.getByRole('button', { name: 'Add model' }).click()
      await axe('add model')
      await page.getByRole('tab', { name: 'File' }).click()
      await shot('add')
      await page.getByLabel('Model files').setInputFiles(file)
      const row = page.getByRole('listitem').filter({ hasText: 'my-own.safetensors' })
      await row.getByText('Done').waitFor({ timeout: 30_000 })
      await shot('sent')
      await axe('sent')
      await page.getByRole('link', { name: 'Create' }).click()
      await page.getByRole('button', { name: /^Model: / }).click()
      await page.getByRole('button', { name: /my-own/ }).click({ timeout: 15_000 })
      await page.getByRole('button', { name: /^Model: .*my-own/ }).waitFor()
      assert.ok(await page.evaluate(() => globalThis.notReloaded), 'the page was loaded again')
      await page.keyboard.press('Control+Enter')
      const result = page.locator('[data-picture=result]').first()
      await result.waitFor({ timeout: 120_000 })
      assert.match(JSON.stringify(await server.json('/history')), /my-own\.safetensors/)
      const { spread } = await pixelsOf(page.locator('img[data-picture=result]').first())
      assert.ok(spread > 5, 'the picture is one colour')
      await shot('drawn')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  { own: true, timeout: 240_000 },
)

flow(
  'models',
  async ({ page, open, shot, axe, server, variant }) => {
    const loras = join(server.data, 'models', 'loras')
    mkdirSync(loras, { recursive: true })
    writeFileSync(join(loras, 'ink.safetensors'), lora('Ink wash'))
    await open('models')
    const card = page.getByRole('button', { name: /Ink wash/ }).first()
    await card.waitFor()
    await shot('installed')
    await axe('installed')
    await card.click()
    await page.getByRole('article', { name: 'Ink wash' }).waitFor()
    await page.getByRole('button', { name: 'Remove ink wash' }).waitFor()
    await page.waitForTimeout(300)
    await shot('details')
    await axe('details')
    if (variant.size !== 'desktop')
      await page
        .getByRole('button', { name: /^Close/ })
        .last()
        .click()
    for (const tab of ['Find', 'Downloads', 'Folders']) {
      await page.getByRole('tab', { name: tab }).click()
      await page.waitForTimeout(500)
      await shot(tab.toLowerCase())
      await axe(tab)
    }
  },
  { variants: EVERYWHERE },
)

flow(
  'a model into the trash and back',
  async ({ page, open, server }) => {
    const loras = join(server.data, 'models', 'loras')
    mkdirSync(loras, { recursive: true })
    writeFileSync(join(loras, 'pen.safetensors'), lora('Pen'))
    await open('models')
    await page.getByRole('button', { name: /^Pen/ }).first().click()
    await page.getByLabel('Notes').last().fill('Thin lines')
    await page.getByLabel('Title').fill('Fine pen')
    await page.keyboard.press('Tab')
    await page.getByRole('heading', { name: 'Fine pen' }).waitFor()
    const { card } = await server.json('/limner/models/details?kind=loras&name=pen.safetensors')
    assert.equal(card.notes, 'Thin lines')
    await page.getByRole('button', { name: 'What can be done with it' }).click()
    await page.getByRole('menuitem', { name: 'Move to the trash' }).click()
    await page.getByText('is in the trash').waitFor()
    assert.deepEqual(
      (await server.json('/limner/models/trash')).files.map(({ name }) => name),
      ['pen.safetensors'],
    )
    await page.getByRole('button', { name: 'Undo' }).click()
    await page
      .getByRole('button', { name: /Fine pen/ })
      .first()
      .waitFor()
  },
  { variants: DESKTOP },
)
