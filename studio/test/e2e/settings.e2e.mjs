// Flow m: another language, right to left; keys that are changed; signing in where the server asks for keys.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openBrowser } from '../browser.mjs'
import { checkAccessible, EVERYWHERE, flow, LIMNER, pixelsOf, Server } from './stage.mjs'

const PARTS = ['General', 'Interface', 'Keys', 'Server', 'Custom nodes', 'Data', 'Privacy', 'About']

flow(
  'settings',
  async ({ page, open, shot, axe }) => {
    await open('settings')
    for (const part of PARTS) {
      await page
        .getByRole('navigation', { name: 'Parts of the settings' })
        .getByText(part, { exact: true })
        .click()
      await page.getByRole('heading', { name: part, level: 2, exact: true }).waitFor()
      await page.waitForTimeout(400)
      await shot(part.toLowerCase().replaceAll(' ', '-'))
      await axe(part)
    }
    await page.getByLabel('Search settings').fill('theme')
    await page.getByRole('group', { name: 'Theme' }).waitFor()
  },
  { variants: EVERYWHERE },
)

flow(
  'language and direction',
  async ({ page, open, shot, axe, server }) => {
    const choose = (language) =>
      page.evaluate((code) => {
        const kept = JSON.parse(localStorage.getItem('limner.preferences') ?? '{"state":{},"version":0}')
        kept.state.language = code
        localStorage.setItem('limner.preferences', JSON.stringify(kept))
      }, language)
    await open('settings')
    await page.getByRole('combobox', { name: 'Language' }).click()
    await page.getByRole('option', { name: /German|Deutsch/ }).click()
    await page.getByRole('heading', { name: 'Einstellungen', level: 1 }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de')
    await page.waitForTimeout(1200)
    const kept = await server.json('/settings/Limner.Studio')
    assert.equal(kept.values.language, 'de', 'the server keeps what was chosen')
    for (const screen of ['create', 'models', 'settings', 'gallery']) {
      await choose('ar-XB')
      await open(screen)
      await page.locator('main h1').first().waitFor()
      await page.waitForTimeout(400)
      assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl')
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(wide <= 0, `${screen} is ${wide} pixels wider than the window`)
      await shot(`rtl-${screen}`)
      await axe(`rtl ${screen}`)
    }
    await choose('xx')
    await open('models')
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.match(await page.getByRole('heading', { level: 1 }).textContent(), /^\[.*~\]$/)
  },
  { own: true },
)

flow(
  'keys are changed',
  async ({ page, open, shot, axe }) => {
    await open('settings/keys')
    const keys = page.getByRole('button', { name: /^Keys of Go to Gallery/ })
    await keys.click()
    await page.keyboard.press('Alt+g')
    await page.getByRole('button', { name: /^Keys of Go to Gallery: Alt\+G/ }).waitFor()
    await page.getByRole('button', { name: /^Keys of Go to Models/ }).click()
    await page.keyboard.press('Alt+g')
    await page.getByText('also Go to Gallery').waitFor()
    await shot('conflict')
    await axe('conflict')
    await page.getByRole('button', { name: 'Reset the keys of Go to Models' }).click()
    await page.getByLabel('Search commands and keys').blur()
    await page.locator('main').focus()
    await page.keyboard.press('Alt+g')
    await page.waitForURL('**/studio/gallery')
    await open('settings/keys')
    await page.getByRole('button', { name: 'Reset all' }).click()
    await page.locator('main').focus()
    await page.keyboard.press('7')
    await page.waitForURL('**/studio/gallery')
  },
  { own: true },
)

test('sign-in', { timeout: 400_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'studio-accounts-'))
  const key = execFileSync(LIMNER, ['keys', 'create', '--user', 'anna', '--data', data], { encoding: 'utf8' })
    .split(/\s+/)
    .find((word) => word.startsWith('lk_'))
  const server = new Server({ data, args: ['--accounts', 'on'] })
  await server.start()
  const { browser, page } = await openBrowser({ width: 1280, height: 800 })
  page.setDefaultTimeout(90_000)
  const refused = []
  page.on('response', (answer) => {
    if (answer.status() === 401) refused.push(answer.url())
  })
  try {
    await page.goto(`${server.url}/studio/models`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await checkAccessible(page, 'sign in')
    await page.getByLabel('Key', { exact: true }).fill('lk_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This key is not taken').waitFor()
    refused.length = 0
    await page.getByLabel('Key', { exact: true }).fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    await page.goto(`${server.url}/studio/create`)
    await page.getByRole('button', { name: /^Model: / }).waitFor({ timeout: 60_000 })
    await page.keyboard.press('Control+Enter')
    const picture = page.locator('img[data-picture=result]').first()
    await picture.waitFor({ timeout: 180_000 })
    assert.ok((await pixelsOf(picture)).spread > 0)
    assert.deepEqual(
      refused.filter((url) => !url.includes('/limner/models/pull')),
      [],
    )
    await page.goto(`${server.url}/studio/settings/account`)
    await page.getByText('anna', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  } finally {
    await browser.close()
    await server.close()
    rmSync(data, { recursive: true, force: true })
  }
})
