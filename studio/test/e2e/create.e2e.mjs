// Create: from the first page to the first picture by mouse and by keyboard alone, prompts, tasks, recall, a phone.
import assert from 'node:assert/strict'
import { DESKTOP, EVERYWHERE, flow, PHONE, pixelsOf, until } from './stage.mjs'

const RUN = /^Generate/

/** Counts the different previews that are seen from now on. */
const watchPreviews = (page) =>
  page.evaluate(() => {
    globalThis.seen = new Set()
    new MutationObserver(() => {
      for (const image of document.querySelectorAll('[data-picture=preview]')) globalThis.seen.add(image.src)
    }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['src'] })
  })

const ready = (page) =>
  page.waitForFunction(() => document.querySelector('textarea')?.value.length > 3, null, { timeout: 120_000 })

const result = (page) => page.locator('img[data-picture=result]').last()

async function checkResult(page, [width, height] = [128, 128]) {
  await result(page).waitFor({ timeout: 200_000 })
  const pixels = await pixelsOf(result(page))
  assert.deepEqual([pixels.width, pixels.height], [width, height])
  assert.ok(pixels.spread > 10, `the picture is one colour: ${pixels.spread}`)
}

flow(
  'first picture',
  async ({ page, open, shot, axe, variant }) => {
    const began = Date.now()
    await open('')
    await ready(page)
    const usable = Date.now() - began
    await shot('first-run')
    await axe('first run')
    await watchPreviews(page)
    const clicked = Date.now()
    await page.getByRole('button', { name: RUN }).last().click()
    await page.locator('[data-picture=preview]').first().waitFor({ timeout: 200_000 })
    await shot('running')
    await checkResult(page)
    const taken = Date.now() - clicked
    const seen = await page.evaluate(() => globalThis.seen.size)
    assert.ok(seen >= 3, `only ${seen} previews were seen`)
    console.log(
      `  usable after ${usable} ms, first picture ${taken} ms after the click, ${seen} previews (${variant.size})`,
    )
    await page.getByText('Where to go from here').waitFor()
    await shot('result')
    await axe('result')
  },
  { variants: EVERYWHERE, timeout: 300_000 },
)

flow(
  'first picture by keyboard alone',
  async ({ page, open, axe }) => {
    await open('create')
    await ready(page)
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      )
    const tabTo = async (name) => {
      for (let turn = 0; turn < 60; turn += 1) {
        await page.keyboard.press('Tab')
        if ((await focused()).trim().startsWith(name)) return
      }
      assert.fail(`Tab does not reach ${name}`)
    }
    await tabTo('Prompt')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('a red fox')
    await page.keyboard.press('Control+ArrowUp')
    assert.equal(
      await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue(),
      'a red (fox:1.05)',
    )
    await page.keyboard.press('Control+ArrowDown')
    await tabTo('Seed')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('7')
    await tabTo('Keep this seed')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+Enter')
    await checkResult(page)
    // The way from noise to the picture, with arrow keys.
    const slider = page.getByRole('slider', { name: 'Step on the way to the picture' })
    await slider.focus()
    await page.keyboard.press('Home')
    await page.locator('[data-picture=preview]').waitFor()
    await page.keyboard.press('End')
    await checkResult(page)
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('something else')
    await page.keyboard.press('Alt+ArrowUp')
    assert.equal(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue(), 'a red fox')
    await axe('after the keyboard')
  },
  { timeout: 300_000 },
)

flow(
  'recall, input, compare, trash',
  async ({ page, open, shot, axe, server }) => {
    await open('create')
    await ready(page)
    const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true })
    await prompt.fill('a {green|green} frog')
    await page.getByRole('button', { name: 'Sampling' }).click()
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('4')
    await page.keyboard.press('Enter')
    await page.getByRole('spinbutton', { name: 'Seed' }).fill('11')
    await page.getByRole('button', { name: RUN }).first().click()
    await checkResult(page)
    // Other settings, then those of the picture again.
    await prompt.fill('nothing of the kind')
    await page.getByRole('button', { name: 'Recall' }).click()
    await page.getByRole('menuitem', { name: 'All settings' }).click()
    await until(
      async () => (await prompt.inputValue()) === 'a green frog',
      15_000,
      () => 'the prompt was not recalled',
    )
    assert.equal(await page.getByRole('spinbutton', { name: 'Seed' }).inputValue(), '11')
    assert.equal(await page.getByRole('spinbutton', { name: 'Steps' }).inputValue(), '4')
    await shot('recalled')
    // Undo takes the recall back in one step.
    await page.getByRole('heading', { name: 'History' }).click()
    await page.keyboard.press('Control+z')
    await until(async () => (await prompt.inputValue()) === 'nothing of the kind')
    // As input of a new picture.
    await page.getByRole('button', { name: 'Use as input' }).click()
    await page.getByRole('button', { name: /^Refine 60 %/ }).waitFor()
    await page
      .getByRole('button', { name: /^Refine 60 %/ })
      .first()
      .click()
    await until(async () => (await page.getByRole('button', { name: /^Picture of/ }).count()) === 2, 200_000)
    await page.getByRole('button', { name: 'Compare before and after' }).click()
    await page.getByRole('slider', { name: 'Where before ends and after begins' }).waitFor()
    await shot('compare')
    await axe('compare')
    await page.getByRole('button', { name: 'Compare before and after' }).click()
    // Into the trash, and back.
    await page.getByRole('button', { name: 'Delete' }).click()
    await until(async () => (await page.getByRole('button', { name: /^Picture of/ }).count()) === 1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await until(async () => (await page.getByRole('button', { name: /^Picture of/ }).count()) === 2)
    const { total } = await until(async () => {
      const found = await server.json('/limner/gallery?limit=10')
      return found.total >= 2 && found
    })
    assert.ok(total >= 2)
  },
  { timeout: 300_000 },
)

flow(
  'a mask without drawing',
  async ({ page, open, shot, axe }) => {
    await open('create')
    await ready(page)
    await page.getByRole('button', { name: RUN }).first().click()
    await checkResult(page)
    await page.getByRole('button', { name: 'Use as input' }).click()
    await page.getByRole('radio', { name: 'Inpaint' }).click()
    await page.getByRole('button', { name: 'Paint a mask' }).click()
    await page.getByRole('button', { name: 'A box by numbers' }).click()
    await page.getByRole('button', { name: 'Fill the box' }).click()
    await shot('mask')
    await axe('mask')
    await page.getByRole('button', { name: 'Use this mask' }).click()
    await page.getByText(/masked/).waitFor()
    await page
      .getByRole('button', { name: /^Fill mask/ })
      .first()
      .click()
    await until(async () => (await page.getByRole('button', { name: /^Picture of/ }).count()) === 2, 200_000)
  },
  { variants: DESKTOP, timeout: 300_000 },
)

flow(
  'on a phone',
  async ({ page, open, shot, axe }) => {
    await open('create')
    await ready(page)
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a yellow duck')
    await page.getByRole('button', { name: 'All settings' }).click()
    await shot('settings')
    await axe('settings')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: RUN }).last().click()
    await checkResult(page)
    await shot('result')
    await axe('result')
    // An element itself does not come out of the page: only its numbers do.
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return { scrollWidth, clientWidth }
    })
    assert.ok(scrollWidth <= clientWidth, `the page scrolls sideways: ${scrollWidth} > ${clientWidth}`)
  },
  { variants: PHONE, timeout: 300_000 },
)
