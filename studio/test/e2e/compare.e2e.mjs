// Flow f: a table of three by three, with the server killed in the middle and the page left; it goes on where it was.
import assert from 'node:assert/strict'
import { flow, until } from './stage.mjs'

async function setAxis(page, slot, label, values) {
  const axis = page.getByRole('group', { name: slot, exact: true })
  await axis.getByRole('combobox').first().click()
  await page.getByPlaceholder('Search…').fill(label)
  await page.keyboard.press('Enter')
  await axis.getByRole('textbox', { name: 'Values' }).fill(values)
}

flow(
  'compare',
  async ({ page, server, shot, axe, open }) => {
    await open('compare')
    const fresh = page.getByRole('button', { name: 'Start with a new picture' })
    await page.getByRole('heading', { name: 'Compare' }).waitFor()
    await fresh.click({ timeout: 5_000 }).catch(() => undefined)
    await setAxis(page, 'Across', 'Steps', '4, 6, .., 8')
    await page.getByRole('button', { name: 'Down', exact: true }).click()
    await setAxis(page, 'Down', 'Seed', '1-3')
    await page.getByRole('columnheader', { name: '6' }).waitFor()
    await shot('setup')
    await axe('setup')
    await page.getByRole('button', { name: /^Compare 9/ }).click()
    await page.getByText(/of 9/).waitFor()

    const group = new URL(page.url()).pathname.split('/').at(-1)
    const done = async () =>
      (await server.json(`/limner/jobs?group=${group}&state=succeeded&limit=100`)).total
    await until(async () => (await done()) >= 2, 120_000)
    await server.kill()
    await page.getByText('No connection to the server').waitFor()
    await server.start()
    await page.reload()
    await until(async () => (await done()) === 9, 240_000)
    await page.getByText('9 of 9').waitFor()
    const jobs = await server.json(`/limner/jobs?group=${group}&limit=100`)
    assert.equal(jobs.total, 9, 'no cell was asked for twice')
    const pictures = page.getByRole('table').getByRole('img')
    await until(async () => (await pictures.count()) === 9, 20_000)
    await shot('table')
    await axe('table')

    await page.getByRole('table').getByRole('button').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('heading', { name: /Steps: 4 · Seed: 1/ }).waitFor()
    await page.keyboard.press('ArrowRight')
    await dialog.getByRole('heading', { name: /Steps: 6 · Seed: 1/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await dialog.getByRole('heading', { name: /Steps: 6 · Seed: 2/ }).waitFor()
    await shot('cell')
    await dialog.getByRole('button', { name: 'Pick as winner' }).click()
    await dialog.getByRole('button', { name: 'Winner' }).waitFor()
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Axes' }).click()
    await page.getByRole('menuitem', { name: 'Swap across and down' }).click()
    await page.getByRole('rowheader', { name: '6' }).waitFor()
    for (const [entry, suffix] of [
      ['Table (CSV)', 'csv'],
      ['Data (JSON)', 'json'],
      ['Picture with labels (PNG)', 'png'],
    ]) {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: entry }).click()
      assert.match((await download).suggestedFilename(), new RegExp(`\\.${suffix}$`))
    }
  },
  { own: true, timeout: 480_000 },
)
