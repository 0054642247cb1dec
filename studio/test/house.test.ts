// The rules of the house for the studio: which part may import which, how long files may be, and what must not be in them.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const SRC = resolve(__dirname, '../src')
const FAMILIES = resolve(__dirname, '../../src/limner/models/families')

const below = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? below(join(folder, entry.name)) : [join(folder, entry.name)],
  )
const sources = below(SRC).filter((path) => /\.tsx?$/.test(path))
const code = sources.filter((path) => !/\.test\.tsx?$/.test(path))
const named = (path: string) => relative(SRC, path)

/** What each part may import beside itself. Features import no other feature. */
const ALLOWED: Record<string, string[]> = {
  i18n: [],
  doc: [],
  ui: ['i18n'],
  net: ['doc', 'i18n'],
  app: ['doc', 'net', 'ui', 'i18n'],
  form: ['app', 'doc', 'net', 'ui', 'i18n'],
  features: ['app', 'doc', 'form', 'net', 'ui', 'i18n'],
}

function importsOf(path: string): string[] {
  const found = readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...found]
    .map(([, name]) => name!)
    .filter((name) => name.startsWith('.') || name.startsWith('@/'))
    .map((name) => (name.startsWith('@/') ? name.slice(2) : named(resolve(dirname(path), name))))
}

it('parts import only what lies below them, and features no other feature', () => {
  const wrong = code.flatMap((path) => {
    const [part, feature] = named(path).split('/')
    const allowed = ALLOWED[part!]
    if (!allowed) return []
    return importsOf(path)
      .filter((target) => {
        const [other, otherFeature] = target.split('/')
        if (other === part) return part === 'features' && otherFeature !== feature
        return !allowed.includes(other!)
      })
      .map((target) => `${named(path)} imports ${target}`)
  })
  expect(wrong).toEqual([])
})

it('files stay short', () => {
  const long = code
    .map((path) => [named(path), readFileSync(path, 'utf8').split('\n').length] as const)
    .filter(([name, lines]) => lines > 400 && !name.endsWith('-keys.ts'))
  expect(long).toEqual([])
})

it('knows no family of models', () => {
  const families = readdirSync(FAMILIES)
    .map((name) => name.replace(/\.py$/, ''))
    .filter((name) => !name.startsWith('__'))
  const words = new RegExp(`['"\`/ ](${families.join('|')})['"\`/ ]`, 'i')
  const wrong = code.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => words.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
      .map((line) => `${named(path)}: ${line.trim()}`),
  )
  expect(wrong).toEqual([])
})

it('asks no other machine for anything', () => {
  // Links that a person clicks and names of XML are no requests.
  const known = /https?:\/\/(www\.w3\.org|127\.0\.0\.1|localhost)/
  const wrong = code.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /(fetch|src=|import|url)\W*.{0,20}https?:\/\//.test(line) && !known.test(line))
      .map((line) => `${named(path)}: ${line.trim()}`),
  )
  expect(wrong).toEqual([])
})

it('modules say why they exist', () => {
  const silent = code.filter(
    (path) =>
      path.endsWith('.ts') && !/\/screen\.ts$/.test(path) && !readFileSync(path, 'utf8').includes('/**'),
  )
  expect(silent.map(named)).toEqual([])
})
