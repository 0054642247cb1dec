// Documents and files: what is dropped, saving and reloading, two tabs over one file, drafts that come back, versions.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { flow, until } from './stage.mjs'

const INFOTEXT =
  'a red apple\nNegative prompt: blurry\nSteps: 6, Sampler: Euler, CFG scale: 3, Seed: 42, Size: 128x128'
const API = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'dropped' } },
}

/** Drags files or a text over the page; lets them go on a zone if one is named. Returns the deeds that were announced. */
function drag(page, things, { drop = '', shift = false } = {}) {
  return page.evaluate(
    async ({ things, drop, shift }) => {
      const data = new DataTransfer()
      for (const { name, type, base64, text } of things) {
        if (!name) data.setData('text/plain', text)
        else {
          const bytes = base64
            ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
            : new TextEncoder().encode(text)
          data.items.add(new File([bytes], name, { type }))
        }
      }
      const fire = (target, type) =>
        target.dispatchEvent(
          new DragEvent(type, {
            bubbles: true,
            cancelable: true,
            dataTransfer: data,
            shiftKey: shift,
            clientX: 700,
            clientY: 450,
          }),
        )
      const main = document.querySelector('main')
      fire(main, 'dragenter')
      const zones = () => [...document.querySelectorAll('[data-intake] [data-deed]')]
      const end = Date.now() + (drop ? 3_000 : 300)
      // A browser says again and again that something is over the page.
      do {
        fire(main, 'dragover')
        await new Promise((done) => setTimeout(done, 100))
      } while (zones().length === 0 && Date.now() < end)
      const deeds = zones().map((zone) => zone.dataset.deed)
      const zone = document.querySelector(`[data-deed="${drop}"]`)
      if (zone) fire(zone, 'drop')
      else fire(main, 'drop')
      return deeds
    },
    { things, drop, shift },
  )
}

const json = (value, name = 'dropped.json') => ({
  name,
  type: 'application/json',
  text: JSON.stringify(value),
})
const title = (page) => page.getByRole('tablist', { name: 'Documents' }).getByRole('tab', { selected: true })

/** Presses keys until what they open is there: the page may still be loading. */
async function press(page, keys, shown) {
  await until(async () => {
    if (await shown.isVisible()) return true
    await page.keyboard.press(keys)
    await page.waitForTimeout(400)
    return shown.isVisible()
  })
}

async function drawnPicture(server) {
  const { prompt } = await server.json('/limner/recipes/text', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      values: { 'prompt.positive': 'a green frog', 'sampler.seed': 11, 'sampler.steps': 4 },
    }),
  })
  const { prompt_id: job } = await server.json('/prompt', {
    method: 'POST',
    body: JSON.stringify({ prompt }),
  })
  const entry = await until(async () => (await server.json(`/history/${job}`))[job], 60_000)
  const [file] = Object.values(entry.outputs)[0].images
  const base64 = readFileSync(join(server.data, 'output', file.filename)).toString('base64')
  return { name: 'frog.png', type: 'image/png', base64 }
}

flow(
  'drop table',
  async ({ page, server, open, shot }) => {
    const frog = await drawnPicture(server)
    await open('create')
    await page.locator('[aria-label="Documents"]').waitFor()
    await page.waitForTimeout(1_500)
    assert.deepEqual(await drag(page, [frog], { drop: 'settings' }), ['settings', 'input'])
    await page.getByText('a green frog').first().waitFor()
    await shot('settings')
    assert.deepEqual(await drag(page, [{ text: INFOTEXT }], { drop: 'prompt' }), ['prompt'])
    await page.getByText('a red apple').first().waitFor()
    assert.deepEqual(await drag(page, [frog, frog]), ['input'])
    assert.deepEqual(await drag(page, [json(API)], { drop: 'open' }), ['open'])
    await until(async () => (await title(page).textContent()).includes('dropped'))
    await page.waitForTimeout(1_500)

    await open('graph')
    await until(async () => (await page.locator('[data-node]').count()) === 2)
    assert.deepEqual(await drag(page, [frog], { shift: true, drop: 'node' }), ['node'])
    await until(async () => (await page.locator('[data-node]').count()) === 3)
    assert.deepEqual(await drag(page, [{ text: 'remember this' }], { drop: 'note' }), ['note'])
    await until(async () => (await page.locator('[data-node]').count()) === 4)
    assert.deepEqual(await drag(page, [frog], { drop: 'open' }), ['open'])
    await until(async () => (await title(page).textContent()).includes('frog'))
    await shot('opened')

    await open('queue')
    await until(async () => (await drag(page, [json(API)])).length > 0)
    assert.deepEqual(await drag(page, [json(API, 'from queue.json')], { drop: 'open' }), ['open'])
    await page.waitForURL('**/studio/graph/**')
  },
  { timeout: 300_000 },
)

flow('seeds keep their 64 bits', async ({ page, server, open }) => {
  const seed = '18446744073709551615'
  const name = 'deep seed.json'
  const path = `/limner/workflows/${encodeURIComponent(name)}`
  const { prompt } = await server.json('/limner/recipes/text', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"values":{"prompt.positive":"a fox","sampler.seed":${seed},"sampler.steps":2,"size.width":64,"size.height":64}}`,
  })
  const text = (value) => JSON.stringify(value).replace(/"seed":18446744073709552000/, `"seed":${seed}`)
  assert.ok(text(prompt).includes(seed))
  await fetch(server.url + path, { method: 'PUT', body: text(prompt) })
  await open('graph')
  await page.locator('main#work').waitFor()
  await press(page, 'Control+o', page.getByRole('dialog'))
  await page.getByRole('dialog').getByText('deep seed').first().click()
  await page.locator('[data-node]').first().waitFor()
  const field = page.getByRole('spinbutton', { name: /steps/i }).first()
  await field.fill('3')
  await field.press('Enter')
  await page.keyboard.press('Escape')
  assert.ok(await page.locator(`input[value="${seed}"]`).count())
  await page.keyboard.press('Control+s')
  await page.getByText('Saved as deep seed.json').first().waitFor()
  const saved = await (await fetch(server.url + path)).text()
  assert.ok(saved.includes(seed) && !saved.includes('18446744073709552000'), saved.slice(0, 2_000))
  await page.keyboard.press('Control+Enter')
  const ran = await until(async () => {
    const history = await (await fetch(`${server.url}/history?max_items=1`)).text()
    return history.includes('"completed":true') && history.includes('a fox') && history
  }, 90_000)
  assert.ok(ran.includes(`"seed":${seed}`), ran.slice(0, 2_000))
})

flow('save, reload, equal', async ({ page, server, open, shot, axe }) => {
  await open('graph')
  await page.locator('main#work').waitFor()
  await page.waitForTimeout(1_500)
  await drag(page, [json(API)], { drop: 'open' })
  await page.locator('[data-node]').first().waitFor()
  const dialog = page.getByRole('dialog')
  await press(page, 'Control+s', dialog)
  await dialog.getByLabel('Name').fill('flows/first')
  await shot('save-as')
  await axe('save as')
  await page.keyboard.press('Enter')
  await page.getByText('Saved as flows/first.json').waitFor()
  const written = await server.json('/limner/workflows/flows%2Ffirst.json')
  assert.deepEqual(written.nodes.map((node) => node.type).sort(), ['EmptyImage', 'SaveImage'])
  await page.waitForTimeout(1_300)
  await page.reload()
  await page.locator('[data-node]').first().waitFor()
  assert.equal((await title(page).textContent()).trim(), 'first')
  await page.keyboard.press('Control+s')
  await page.waitForTimeout(500)
  assert.deepEqual(await server.json('/limner/workflows/flows%2Ffirst.json'), written)
  await press(page, 'Control+o', dialog)
  await dialog.getByRole('button', { name: /first/ }).first().waitFor()
  await shot('open')
  await axe('open')
})

flow(
  'two tabs over one file',
  async ({ page, context, server, shot, axe }) => {
    const body = JSON.stringify({
      nodes: [{ id: 1, type: 'Note', pos: [0, 0], size: [200, 100], widgets_values: ['first'] }],
      links: [],
    })
    await server.json('/limner/workflows/shared.json', { method: 'PUT', body })
    const openShared = async (tab) => {
      await tab.goto(`${server.url}/studio/graph`)
      await tab.locator('main#work').waitFor()
      await tab.waitForTimeout(1_500)
      await tab.keyboard.press('Control+o')
      // The start of the graph lists the file as well, behind the dialog.
      await tab
        .getByRole('dialog')
        .getByRole('button', { name: /^shared/ })
        .first()
        .click()
      await tab.locator('[data-node]').first().waitFor()
    }
    await openShared(page)
    const other = await context.newPage()
    await openShared(other)
    const change = async (tab, text) => {
      await tab.evaluate(() => document.activeElement?.blur())
      await drag(tab, [{ text }], { drop: 'note' })
      await until(async () => (await tab.locator('[data-node]').count()) === 2)
    }
    await change(other, 'theirs')
    await other.keyboard.press('Control+s')
    await other.getByText('Saved as shared.json').waitFor()
    await change(page, 'mine')
    await page.keyboard.press('Control+s')
    await page.getByText('Which one do you want to keep?').waitFor()
    await shot('conflict')
    await axe('conflict')
    await page.getByRole('button', { name: 'Save mine as a copy' }).click()
    await page.getByText('Saved as shared copy.json').waitFor()
    const texts = async (name) => JSON.stringify(await server.json(`/limner/workflows/${name}`))
    assert.match(await texts('shared.json'), /theirs/)
    assert.match(await texts('shared%20copy.json'), /mine/)
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('What would you like to do?').fill('versions')
    await page.keyboard.press('Enter')
    await page.getByText('Version 1').waitFor()
    await shot('versions')
    await axe('versions')
  },
  { timeout: 300_000 },
)

flow('drafts come back', async ({ page, open }) => {
  await open('graph')
  await page.locator('main#work').waitFor()
  await page.waitForTimeout(1_500)
  await drag(page, [json(API, 'a draft.json')], { drop: 'open' })
  await page.locator('[data-node]').first().waitFor()
  await page.waitForTimeout(1_300)
  await page.reload()
  await page.locator('[data-node]').first().waitFor()
  assert.match(await title(page).textContent(), /a draft/)
  await page.locator('[title="Close a draft"], [aria-label="Close a draft"]').click({ force: true })
  await page.waitForTimeout(1_300)
  await press(page, 'Control+o', page.getByRole('dialog'))
  await page.getByRole('tab', { name: 'Drafts' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /a draft/ })
    .first()
    .click()
  await page.locator('[data-node]').first().waitFor()
})
