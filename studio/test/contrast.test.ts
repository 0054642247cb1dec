// Colours of the themes can be told apart by everybody: WCAG 2.2, 1.4.3 and 1.4.11.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(resolve(__dirname, '../src/ui/theme.css'), 'utf8')

function tokensOf(theme: string): Record<string, string> {
  const blocks = [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)].filter(
    ([, selector]) => selector!.includes(`[data-theme="${theme}"]`) || selector!.includes(':root,'),
  )
  return Object.fromEntries(
    blocks.flatMap(([, , body]) =>
      [...body!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
    ),
  )
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((first, second) => second - first) as [
    number,
    number,
  ]
  return (light + 0.05) / (dark + 0.05)
}

const GROUNDS = ['bg', 'surface', 'raised', 'overlay']
const TEXTS = ['text', 'muted', 'faint', 'accent', 'ok', 'warn', 'err', 'info']

describe.each(['dark', 'light', 'contrast'])('theme %s', (theme) => {
  const tokens = tokensOf(theme)
  it.each(TEXTS)('%s is read on every ground', (text) => {
    for (const ground of GROUNDS)
      expect(contrast(tokens[text]!, tokens[ground]!), ground).toBeGreaterThanOrEqual(4.5)
  })
  it('borders of controls and ports are seen', () => {
    const seen = ['line-strong', ...Object.keys(tokens).filter((name) => name.startsWith('port-'))]
    for (const name of seen) expect(contrast(tokens[name]!, tokens.raised!), name).toBeGreaterThanOrEqual(3)
  })
  it('white is read on what is filled', () => {
    for (const fill of ['accent-fill', 'danger-fill'])
      expect(contrast('#ffffff', tokens[fill]!), fill).toBeGreaterThanOrEqual(4.5)
  })
})

it('white is read on every accent that can be chosen', () => {
  const accents = [...css.matchAll(/\[data-accent="(\w+)"\]\s*\{\s*--accent-fill:\s*(#[0-9a-f]{6})/g)]
  expect(accents.length).toBeGreaterThanOrEqual(7)
  for (const [, name, colour] of accents)
    expect(contrast('#ffffff', colour!), name).toBeGreaterThanOrEqual(4.5)
})
