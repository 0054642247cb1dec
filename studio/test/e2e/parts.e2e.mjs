// The page of all parts, compared with its picture of last time: a change of a part is seen before it is shipped.
// STUDIO_UPDATE=1 makes new pictures.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flow } from './stage.mjs'

const KEPT = join(dirname(fileURLToPath(import.meta.url)), 'pictures')
/** Letters are smoothed a little differently from one browser to the next. */
const TOLERANCE = 0.001

const VARIANTS = ['dark', 'light'].flatMap((theme) => ['desktop', 'phone'].map((size) => ({ theme, size })))

flow(
  'all parts',
  async ({ page, open, variant, axe }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await open('parts')
    await page.getByRole('heading', { name: 'Buttons' }).waitFor()
    await page.evaluate(() => document.fonts.ready)
    await axe('parts')
    const taken = await page.screenshot({ mask: [page.getByRole('progressbar')] })
    const path = join(KEPT, `parts-${variant.theme}-${variant.size}.png`)
    if (process.env.STUDIO_UPDATE || !existsSync(path)) {
      mkdirSync(KEPT, { recursive: true })
      writeFileSync(path, taken)
      return
    }
    const share = await page.evaluate(differing, [
      readFileSync(path).toString('base64'),
      taken.toString('base64'),
    ])
    assert.ok(share <= TOLERANCE, `${(share * 100).toFixed(2)} % of the pixels differ from ${path}`)
  },
  { variants: VARIANTS },
)

/** The share of pixels that differ between two pictures. Runs in the page. */
async function differing(pictures) {
  const [one, other] = await Promise.all(
    pictures.map(async (text) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${text}`)).blob())
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
      context.drawImage(bitmap, 0, 0)
      return context.getImageData(0, 0, bitmap.width, bitmap.height)
    }),
  )
  if (one.width !== other.width || one.height !== other.height) return 1
  let count = 0
  for (let at = 0; at < one.data.length; at += 4) {
    const apart = [0, 1, 2].some(
      (channel) => Math.abs(one.data[at + channel] - other.data[at + channel]) > 24,
    )
    if (apart) count += 1
  }
  return count / (one.data.length / 4)
}
