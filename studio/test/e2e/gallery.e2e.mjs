// Flow h: a gallery of 10,000 pictures: search, star, recall, trash, undo; and "find last week's picture and make four more like it".
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EVERYWHERE, flow, Server, until } from './stage.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const PYTHON = process.env.LIMNER_PYTHON ?? resolve(HERE, '../../../.venv/bin/python')
const COUNT = 10_000

let filled
/** A server whose gallery has ten thousand pictures. */
async function gallery() {
  if (!filled) {
    const data = mkdtempSync(join(tmpdir(), 'studio-gallery-'))
    execFileSync(PYTHON, [join(HERE, '../bench/fill_gallery.py'), data, String(COUNT)], { stdio: 'inherit' })
    filled = await new Server({ data }).start()
  }
  return filled
}
after(() => filled?.close())

const tiles = (page) => page.locator('[role=option][data-at]')
const search = (page) => page.getByRole('combobox', { name: 'Search the gallery' })

async function find(page, text, total) {
  await search(page).fill(text)
  await page.keyboard.press('Enter')
  if (total) await page.getByText(total, { exact: true }).waitFor()
}

flow(
  'a gallery of ten thousand',
  async ({ page, server, variant, shot, axe }) => {
    const phone = variant.size === 'phone'
    await page.goto(`${server.url}/studio/gallery`)
    await tiles(page).first().waitFor()
    await page.waitForTimeout(800)
    await shot('list')
    await axe('list')
    const elements = await page.locator('main *').count()
    assert.ok(elements <= 400, `${elements} elements`)
    await tiles(page).nth(1).click()
    await page.getByRole('region', { name: 'Picture viewer' }).getByRole('img').first().waitFor()
    await page.waitForTimeout(500)
    await shot('viewer')
    await axe('viewer')
    if (phone) await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('button', { name: 'Make four more like it' }).waitFor()
    await shot('details')
    await axe('details')
    if (phone) await page.keyboard.press('Escape')
    await page.goBack()
    await page.waitForURL('**/studio/gallery')
    await tiles(page).first().waitFor()
  },
  { variants: EVERYWHERE, timeout: 300_000, from: gallery },
)

flow(
  'search, star, trash, undo',
  async ({ page, server, shot, axe }) => {
    await page.goto(`${server.url}/studio/gallery`)
    await page.getByText('10,000 pictures', { exact: true }).waitFor()
    await search(page).click()
    await page.getByRole('option', { name: /^model:/ }).waitFor()
    await shot('suggestions')
    await axe('suggestions')
    await find(page, 'number 4321', '1 picture')
    // One picture each time: the whole list in between, so that the second one is waited for.
    await find(page, '', '10,000 pictures')
    await find(page, 'seed:77', '1 picture')
    const tile = tiles(page).first()
    await tile.focus()
    await page.keyboard.press('.')
    await until(async () => (await tile.getAttribute('aria-label')).includes('starred'))
    await tile.focus()
    await page.keyboard.press('Delete')
    await page.getByText('Nothing found').waitFor()
    await shot('nothing')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('1 picture', { exact: true }).waitFor()
    const query = '/limner/gallery?q=seed:77'
    assert.equal((await server.json(query)).items[0].starred, true)
    await find(page, 'model:ink_v2.safetensors is:starred')
    await page.keyboard.press('Escape')
    await find(page, '', '10,000 pictures')
    await tiles(page)
      .first()
      .click({ modifiers: ['Control'] })
    await tiles(page)
      .nth(4)
      .click({ modifiers: ['Shift'] })
    await page.getByText('5 chosen').waitFor()
    await shot('chosen')
    await axe('chosen')
    await page.getByRole('button', { name: 'Move to the trash' }).click()
    await page.getByText('9,995 pictures', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('10,000 pictures', { exact: true }).waitFor()
  },
  { timeout: 240_000, from: gallery },
)

flow(
  "last week's picture, and four more like it",
  async ({ page, server, open, shot }) => {
    await open('create')
    const run = page.getByRole('button', { name: /^(Generate|Run)/ }).first()
    await run.click()
    await until(async () => (await server.json('/limner/gallery')).total > 0, 150_000)
    const before = (await server.json('/limner/gallery')).total
    await open('gallery')
    await find(page, 'date:7d')
    await tiles(page).first().click()
    await page.getByRole('button', { name: 'Make four more like it' }).click()
    await page.waitForURL('**/studio/create**')
    await until(async () => (await server.json('/limner/gallery')).total >= before + 4, 150_000)
    await shot('four-more')
    const { items } = await server.json('/limner/gallery')
    assert.equal(new Set(items.slice(0, 4).map(({ seed }) => seed)).size, 4)
    assert.equal(new Set(items.slice(0, 5).map(({ prompt }) => prompt)).size, 1)
  },
  { timeout: 420_000, own: true },
)
