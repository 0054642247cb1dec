// The system's Chromium, driven by playwright-core; nothing is downloaded.
import { chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A browser with one page, in a theme and size; `touch` is a phone. */
export async function openBrowser({
  width = 1600,
  height = 1000,
  theme = 'dark',
  touch = false,
  ...more
} = {}) {
  const { existsSync } = await import('node:fs')
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place))
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--force-color-profile=srgb'],
  })
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    hasTouch: touch,
    isMobile: touch,
    ...more,
  })
  const page = await context.newPage()
  return { browser, context, page }
}
