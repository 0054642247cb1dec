// A workflow becomes an app, and the app is used on a phone (flow e of the plan).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { flow, pixelsOf, SIZES, until } from './stage.mjs'

const EXAMPLE = resolve(import.meta.dirname, '../../../examples/text-to-image.json')

/** A small workflow of the built-in model, as the example has it, drawn in few steps. */
function smallWorkflow() {
  const prompt = JSON.parse(readFileSync(EXAMPLE, 'utf8'))
  for (const node of Object.values(prompt)) {
    if ('steps' in node.inputs) node.inputs.steps = 4
    if ('width' in node.inputs) Object.assign(node.inputs, { width: 128, height: 128 })
  }
  return prompt
}

flow(
  'a workflow becomes an app that runs on a phone',
  async ({ page, server, open, shot, axe }) => {
    await open('graph')
    await page.locator('main').waitFor()
    const tab = page.getByText('small', { exact: true }).first()
    // What takes files is a chunk of its own: dropped before it is there, nothing happens.
    await until(async () => {
      await dropFile(page, 'small.json', JSON.stringify(smallWorkflow()))
      await tab.waitFor({ timeout: 3_000 })
      return true
    })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Make an app of')
    await page.getByRole('option', { name: /Make an app of this workflow/ }).click()
    await page.getByRole('heading', { name: 'Values' }).waitFor()
    await shot('builder')
    await axe('builder')

    const list = page.getByRole('list', { name: 'Elements of the form' })
    await list.getByRole('button', { name: /^Seed/ }).first().focus()
    await page.keyboard.press('Alt+ArrowUp')
    await list
      .getByRole('button', { name: /^Prompt/ })
      .first()
      .click()
    await page.getByLabel('Label', { exact: true }).fill('What shall it show?')

    await page.getByRole('button', { name: 'Publish' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Small pictures')
    await dialog.getByLabel('Tags').fill('small, test')
    await shot('publish')
    await dialog.getByRole('button', { name: 'Publish' }).click()
    await page.getByRole('heading', { name: 'Small pictures' }).waitFor()
    const kept = await server.json('/apps/small-pictures')
    assert.deepEqual(kept.tags, ['small', 'test'])
    assert.ok(kept.inputs.some((input) => input.name === 'prompt'))

    const [width, height] = SIZES.phone
    await page.setViewportSize({ width, height })
    await open('apps/small-pictures')
    const prompt = page.getByLabel('What shall it show?')
    await prompt.waitFor()
    await shot('phone')
    await axe('phone')
    await prompt.fill('a red apple')
    await page.getByRole('button', { name: 'Run' }).last().click()
    const picture = page.locator('img[data-picture=result]')
    await picture.waitFor({ timeout: 90_000 })
    const { width: across, spread } = await pixelsOf(picture)
    assert.ok(across >= 64)
    assert.ok(spread > 5, 'the picture is of one colour')
    await picture.scrollIntoViewIfNeeded()
    await shot('phone-result')
    await page.reload()
    await prompt.waitFor()
    assert.equal(await prompt.inputValue(), 'a red apple', 'the form stays as it was left')
    await page.evaluate(() => document.activeElement?.blur())
    await until(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  },
  { timeout: 240_000 },
)

/** Drops a file in the middle of the page, as from a folder: places to drop it at show themselves while it is over the page. */
async function dropFile(page, name, text) {
  const over = async (types) =>
    page.evaluate(
      ([file, content, kinds]) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([content], file, { type: 'application/json' }))
        const [clientX, clientY] = [innerWidth / 2, innerHeight / 2]
        const at = { clientX, clientY, dataTransfer, bubbles: true, cancelable: true }
        const target = document.elementFromPoint(clientX, clientY) ?? document.body
        for (const kind of kinds) target.dispatchEvent(new DragEvent(kind, at))
      },
      [name, text, types],
    )
  await over(['dragenter', 'dragover'])
  await page.waitForTimeout(300)
  await over(['dragover', 'drop'])
}
