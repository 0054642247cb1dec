// Flows b and c of the test plan, by pointer and by keyboard alone: open, run, save, reload; break, see, mend, run.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { flow, pixelsOf, until } from './stage.mjs'

const WORKFLOW = JSON.parse(
  readFileSync(new URL('../fixtures/graph-text-to-image.json', import.meta.url), 'utf8'),
)

/** Drops a file on the page, as from the desktop, once the page shows that it takes files. */
async function dropFile(page, name, text) {
  await page.getByRole('heading', { name: 'Start a graph' }).waitFor()
  const say = (kinds) =>
    page.evaluate(
      ([called, content, types]) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([content], called, { type: 'application/json' }))
        const [clientX, clientY] = [innerWidth / 2, 500]
        const at = { clientX, clientY, dataTransfer, bubbles: true, cancelable: true }
        for (const type of types) {
          const target = document.elementFromPoint(clientX, clientY) ?? document.body
          target.dispatchEvent(new DragEvent(type, at))
        }
      },
      [name, text, kinds],
    )
  await until(async () => {
    await say(['dragenter', 'dragover'])
    return page.locator('[data-intake] [data-deed]').first().isVisible()
  })
  await say(['dragover', 'drop'])
}

/** The workflow of the open document, as the browser keeps it. */
const kept = (page) =>
  page.evaluate(
    () =>
      new Promise((done, fail) => {
        const wish = indexedDB.open('limner-drafts')
        wish.onerror = () => fail(wish.error)
        wish.onsuccess = () => {
          const all = wish.result.transaction('drafts').objectStore('drafts').getAll()
          all.onsuccess = () => {
            wish.result.close()
            done(all.result.sort((one, other) => other.touched - one.touched)[0]?.workflow)
          }
          all.onerror = () => fail(all.error)
        }
      }),
  )

/** At 100 %, as targets are measured; from afar all of a graph is small. */
async function atFullSize(page) {
  await page.keyboard.press('Control+0')
  await page.waitForTimeout(500)
}

const node = (page, id) => page.locator(`[data-node="${id}"]`)

flow(
  'graph: drop, run, save, reload',
  async ({ page, open, shot, axe }) => {
    await open('graph')
    await page.getByRole('heading', { name: 'Start a graph' }).waitFor()
    await shot('start')
    await axe('the start of the graph')
    await dropFile(page, 'first.json', JSON.stringify(WORKFLOW))
    await node(page, 3).waitFor()
    assert.equal(await page.locator('.react-flow__edge').count(), WORKFLOW.links.length)
    await shot('opened')
    await atFullSize(page)
    await axe('an open graph')
    await page.keyboard.press('.')
    await page.keyboard.press('Control+Enter')
    const picture = node(page, 9).locator('img')
    await picture.waitFor({ timeout: 60_000 })
    const pixels = await pixelsOf(picture)
    assert.ok(pixels.spread > 5, 'the picture is of one colour')
    await shot('ran')
    await page.waitForTimeout(1_500)
    assert.deepEqual(strip(await kept(page)), strip(WORKFLOW))
    await page.reload()
    await node(page, 3).waitFor()
    await page.waitForTimeout(1_500)
    assert.deepEqual(strip(await kept(page)), strip(WORKFLOW))
  },
  {
    variants: [
      { theme: 'dark', size: 'desktop' },
      { theme: 'light', size: 'tablet' },
    ],
  },
)

/** Without what a run may change: seeds. */
function strip(workflow) {
  const copy = JSON.parse(JSON.stringify(workflow))
  for (const entry of copy.nodes) if (entry.type === 'KSampler') entry.widgets_values[0] = 0
  return copy
}

flow('graph: break an input, see it at the node, mend it, run', async ({ page, open, shot, axe }) => {
  await open('graph')
  const broken = JSON.parse(JSON.stringify(WORKFLOW))
  broken.nodes.find((entry) => entry.type === 'CheckpointLoaderSimple').widgets_values = [
    'limner-mimi.safetensors',
  ]
  await dropFile(page, 'broken.json', JSON.stringify(broken))
  await node(page, 3).waitFor()
  await page.locator('[data-owner="3"][data-side="in"][data-port="2"]').click({ modifiers: ['Alt'] })
  await page.keyboard.press('Control+Enter')
  await node(page, 3).getByRole('note').waitFor()
  const problems = page.getByRole('region', { name: 'Problems' })
  await problems.waitFor()
  await shot('broken')
  await atFullSize(page)
  await axe('problems')
  await page.keyboard.press('Escape')
  await page.keyboard.press('.')
  await page.waitForTimeout(400)
  await problems.getByRole('button', { name: /Use limner-mini/ }).click()
  const from = await page.locator('[data-owner="7"][data-side="out"]').boundingBox()
  const to = await page.locator('[data-owner="3"][data-side="in"][data-port="2"]').boundingBox()
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x - 40, to.y, { steps: 4 })
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 4 })
  await page.mouse.up()
  await page.keyboard.press('Control+Enter')
  await node(page, 9).locator('img').waitFor({ timeout: 60_000 })
})

flow('graph: by keyboard alone', async ({ page, open, shot }) => {
  await open('graph')
  const unlinked = JSON.parse(JSON.stringify(WORKFLOW))
  await dropFile(page, 'keys.json', JSON.stringify(unlinked))
  await node(page, 3).waitFor()
  await page.locator('section[aria-label="Graph"]').focus()
  await page.keyboard.press('Tab')
  await until(() => page.evaluate(() => document.activeElement?.dataset.node !== undefined))
  const first = await page.evaluate(() => document.activeElement.dataset.node)
  await page.keyboard.press('Tab')
  await until(() => page.evaluate((was) => (document.activeElement?.dataset.node ?? was) !== was, first))
  await page.keyboard.press('Enter')
  assert.ok(await page.evaluate(() => document.activeElement.matches('input, textarea, button')))
  await page.keyboard.press('Escape')
  assert.ok(await page.evaluate(() => document.activeElement.dataset.node !== undefined))
  // A node is added and connected without the pointer.
  await page.keyboard.press('/')
  await page.keyboard.type('preview image')
  await page.keyboard.press('Enter')
  await until(() =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Preview Image')),
  )
  await page.keyboard.press('k')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Enter')
  await page.waitForTimeout(300)
  await page.keyboard.type('decode')
  await page.keyboard.press('Enter')
  await until(async () => (await page.locator('.react-flow__edge').count()) === WORKFLOW.links.length + 1)
  await shot('connected')
  await page.keyboard.press('Control+z')
  await until(async () => (await page.locator('.react-flow__edge').count()) === WORKFLOW.links.length)
  await page.keyboard.press('Control+y')
  await page.keyboard.press('Control+Enter')
  // The new output is selected, so it alone is run.
  await page.locator('[data-node][aria-label^="Preview Image"] img').waitFor({ timeout: 60_000 })
})

flow(
  'graph: on a phone',
  async ({ page, open, shot, axe }) => {
    await open('graph')
    await dropFile(page, 'phone.json', JSON.stringify(WORKFLOW))
    await page.getByText('KSampler').first().waitFor()
    await shot('values')
    await axe('the graph on a phone')
    await page.getByRole('radio', { name: 'Picture' }).click()
    await node(page, 3).waitFor()
    await shot('picture')
  },
  { variants: ['dark', 'light'].map((theme) => ({ theme, size: 'phone' })) },
)
