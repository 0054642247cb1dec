// The gallery with 10,000 and 100,000 pictures: scrolling, elements, jumps, search.
import { execFileSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Server } from '../e2e/stage.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const PYTHON = process.env.LIMNER_PYTHON ?? resolve(HERE, '../../../.venv/bin/python')
const SIZES = (process.env.GALLERY_SIZES ?? '10000,100000').split(',').map(Number)
const SEARCHES = ['red fox', 'owl number', 'seed:4321', 'model:sdxl castle', 'date:7d', 'size>800 -fox']

const median = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)]

export const bench = {
  name: 'Gallery',
  offline: true,
  async measure({ openPage }) {
    const rows = []
    for (const count of SIZES) {
      const server = new Server()
      execFileSync(PYTHON, [join(HERE, 'fill_gallery.py'), server.data, String(count)], { stdio: 'inherit' })
      await server.start()
      try {
        rows.push(...(await measureOne(server, count, openPage)))
      } finally {
        await server.close()
      }
    }
    return rows
  },
}

async function measureOne(server, count, openPage) {
  const name = `${count / 1000} k`
  const { browser, page } = await openPage()
  const began = performance.now()
  await page.goto(`${server.url}/studio/gallery`)
  await page.locator('[role=option] img').first().waitFor()
  const first = performance.now() - began
  await page.waitForTimeout(2_000)
  const elements = await page.locator('main *').count()
  const frames = await scroll(page)
  const jump = await jumpToEnd(page)
  const search = await searchTimes(server)
  await browser.close()
  return [
    { what: `${name}: first thumbnails, cold`, value: first, unit: 'ms' },
    { what: `${name}: elements`, value: elements, unit: '', budget: 400 },
    { what: `${name}: scrolling`, value: frames, unit: 'fps', budget: 55, atLeast: true },
    { what: `${name}: jump to the end`, value: jump, unit: 'ms', budget: 300 },
    {
      what: `${name}: slowest of ${SEARCHES.length} searches on the server`,
      value: Math.max(...search),
      unit: 'ms',
      budget: 200,
    },
  ]
}

/** Frames a second while the list moves by the height of a screen each half second. */
const scroll = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        const list = document.querySelector('[role=listbox][aria-multiselectable]').parentElement
        const times = []
        const begin = performance.now()
        const step = (now) => {
          times.push(now)
          list.scrollTop += 30
          if (now - begin < 4_000) requestAnimationFrame(step)
          else done((times.length - 1) / ((times.at(-1) - times[0]) / 1000))
        }
        requestAnimationFrame(step)
      }),
  )

/** Until pictures of the end are known after the list was put there. */
const jumpToEnd = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        const list = document.querySelector('[role=listbox][aria-multiselectable]').parentElement
        const total = Number(document.querySelector('[role=option]').getAttribute('aria-setsize'))
        const begin = performance.now()
        list.scrollTop = list.scrollHeight
        const look = () => {
          if (document.querySelector(`[role=option][data-at="${total - 1}"]`)) done(performance.now() - begin)
          else requestAnimationFrame(look)
        }
        look()
      }),
  )

async function searchTimes(server) {
  const times = []
  for (const text of SEARCHES) {
    const runs = []
    for (let run = 0; run < 3; run += 1) {
      const began = performance.now()
      await server.json(`/limner/gallery?limit=60&q=${encodeURIComponent(text)}&offset=${run}`)
      runs.push(performance.now() - began)
    }
    times.push(median(runs))
  }
  return times
}
