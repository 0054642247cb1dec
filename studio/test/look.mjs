// Takes a picture of a page: node test/look.mjs URL FILE [--theme dark|light] [--size 1600x1000] [--touch] [--do "JS module path"]
import { parseArgs } from 'node:util'
import { openBrowser } from './browser.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string', default: 'dark' },
    size: { type: 'string', default: '1600x1000' },
    touch: { type: 'boolean', default: false },
    do: { type: 'string' },
    wait: { type: 'string', default: '800' },
  },
})
const [url, file] = positionals
const [width, height] = values.size.split('x').map(Number)
const { browser, page } = await openBrowser({ width, height, theme: values.theme, touch: values.touch })
page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()))
page.on('pageerror', (error) => console.error('page:', error.message))
await page.goto(url)
await page.waitForTimeout(Number(values.wait))
if (values.do) await (await import(new URL(values.do, `file://${process.cwd()}/`).href)).default(page)
await page.screenshot({ path: file })
await browser.close()
