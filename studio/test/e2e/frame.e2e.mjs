// The frame: every screen opens, is accessible, and is looked at in both themes and all sizes.
import assert from 'node:assert/strict'
import { EVERYWHERE, flow } from './stage.mjs'

const SCREENS = ['create', 'canvas', 'graph', 'apps', 'compare', 'queue', 'gallery', 'models', 'settings']

flow(
  'every screen',
  async ({ page, open, shot, axe }) => {
    for (const screen of SCREENS) {
      await open(screen)
      await page.locator('main#work').waitFor()
      await page.waitForTimeout(700)
      assert.equal(await page.getByText('stopped working').count(), 0, `${screen} is broken`)
      await shot(screen)
      await axe(screen)
    }
  },
  { variants: EVERYWHERE },
)

flow('command search and keys', async ({ page, open, shot, axe }) => {
  await open('create')
  await page.locator('main#work').waitFor()
  await page.keyboard.press('Control+k')
  const search = page.getByPlaceholder('What would you like to do?')
  await search.fill('gallery')
  await shot('search')
  await axe('search')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/studio/gallery')
  await page.keyboard.press('?')
  await page.getByRole('heading', { name: 'Keys and help' }).waitFor()
  await shot('keys')
  await axe('keys')
  await page.keyboard.press('Escape')
  await page.keyboard.press('3')
  await page.waitForURL('**/studio/graph**')
})
