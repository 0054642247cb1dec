// The brush over 8 layers of 2048 x 2048: frames a second while it paints, and how long ink takes after the pen.
const LAYERS = 8
const SIDE = 2048
const SECONDS = 3

/** A picture that does not pack to nothing. */
const texture = async (page, seed) =>
  Buffer.from(
    await page.evaluate(
      ([side, number]) => {
        const canvas = document.createElement('canvas')
        canvas.width = side
        canvas.height = side
        const context = canvas.getContext('2d')
        for (let at = 0; at < 600; at += 1) {
          const value = Math.imul(at + 1, 2654435761 + number * 97) >>> 0
          context.fillStyle = `hsl(${value % 360} 60% 50% / 0.5)`
          context.fillRect(value % side, (value >>> 11) % side, 200 + (value % 300), 150 + (value % 200))
        }
        return canvas.toDataURL('image/png').split(',')[1]
      },
      [SIDE, seed],
    ),
    'base64',
  )

/** Paints in circles for some seconds, one movement a frame. Returns milliseconds of frames, and from movement to ink. */
const paint = (page, seconds) =>
  page.evaluate(async (length) => {
    const host = document.querySelector('[data-stage]')
    const { left, top, width, height } = host.getBoundingClientRect()
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    // Behind the frame's own work: what was drawn in it is on its way to the screen.
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    const move = (angle) =>
      host.dispatchEvent(
        new PointerEvent('pointermove', {
          pointerId: 1,
          pointerType: 'mouse',
          buttons: 1,
          bubbles: true,
          clientX: left + width / 2 + Math.cos(angle) * width * 0.3,
          clientY: top + height / 2 + Math.sin(angle * 1.3) * height * 0.3,
        }),
      )
    const frames = []
    let last = await frame()
    const end = last + length * 1000
    for (let angle = 0; last < end; angle += 0.12) {
      move(angle)
      const now = await frame()
      frames.push(now - last)
      last = now
    }
    const ink = []
    for (let turn = 0; turn < 40; turn += 1) {
      await new Promise((done) => setTimeout(done, 10 + (turn % 7)))
      const began = performance.now()
      move(turn * 0.2)
      await drawn()
      ink.push(performance.now() - began)
    }
    return { frames, ink }
  }, seconds)

const part = (values, share) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)]
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

async function ready(page, server) {
  await page.goto(`${server.url}/studio/canvas`)
  await page.locator('[data-stage] canvas').first().waitFor()
  const files = []
  for (let seed = 0; seed < LAYERS; seed += 1)
    files.push({ name: `layer ${seed}.png`, mimeType: 'image/png', buffer: await texture(page, seed) })
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open a picture…' }).click()
  await (await choosing).setFiles(files)
  await page.getByRole('button', { name: `layer ${LAYERS - 1}`, exact: true }).waitFor({ timeout: 60_000 })
  await page.locator('[data-stage]').focus()
  await page.keyboard.press('Control+0')
  await page.keyboard.press('b')
  // The layers are kept in the browser meanwhile; that is not what is measured.
  await page.waitForTimeout(8_000)
}

export const bench = {
  name: `Canvas: ${LAYERS} layers of ${SIDE} x ${SIDE}`,
  measure: async ({ openPage, server }) => {
    const { page } = await openPage()
    await ready(page, server)
    const { x, y, width, height } = await page.locator('[data-stage]').boundingBox()
    await page.mouse.move(x + width / 2, y + height / 2)
    await page.mouse.down()
    await paint(page, 0.5)
    const { frames, ink } = await paint(page, SECONDS)
    await page.mouse.up()
    return [
      { what: 'brush, frames a second', value: 1000 / mean(frames), unit: 'fps', budget: 50, atLeast: true },
      { what: 'brush, frame, 95 of 100', value: part(frames, 0.95), unit: 'ms' },
      { what: 'pen to ink, half of all', value: part(ink, 0.5), unit: 'ms', budget: 40 },
      { what: 'pen to ink, 95 of 100', value: part(ink, 0.95), unit: 'ms' },
    ]
  },
}
