// Collects every text of the interface and compares the translations with them.
//
//   node test/texts.mjs                 says for each language what is missing and what nobody needs any more
//   node test/texts.mjs --write         adds empty entries for what is missing, removes what nobody needs, sorts
//   node test/texts.mjs --list FILE     writes all texts to a file, one a line as JSON
//   node test/texts.mjs --check         status 1 if a language that is complete elsewhere lacks something
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const LOCALES = join(ROOT, 'i18n', 'locales')

/** Files of the source, without tests. */
function* sources(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* sources(path)
    else if (/\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)) yield path
  }
}

/** The texts that calls of `t` name in a file, and the calls whose text is not written out. */
function textsOf(path) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const texts = new Set()
  const unclear = []
  const visit = (node) => {
    if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 't' &&
      node.arguments.length > 0
    ) {
      const found = literals(node.arguments[0])
      if (found.length > 0) for (const text of found) texts.add(text)
      else unclear.push(`${path}:${file.getLineAndCharacterOfPosition(node.pos).line + 1}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { texts, unclear }
}

function literals(node) {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isConditionalExpression(node)) return [...literals(node.whenTrue), ...literals(node.whenFalse)]
  return []
}

/** Every text, with the plural forms that a language has for those that count. */
export function collect() {
  const texts = new Set()
  const unclear = []
  for (const path of sources(ROOT)) {
    const found = textsOf(path)
    for (const text of found.texts) texts.add(text)
    unclear.push(...found.unclear)
  }
  return { texts: [...texts].sort(), unclear }
}

const counts = (text) => text.includes('{{count}}')
const readLocale = (code) => JSON.parse(readFileSync(join(LOCALES, `${code}.json`), 'utf8'))

/** The keys that a language needs: plural forms for texts that count, the text itself for all others. */
export function wantedKeys(code, texts) {
  const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories
  return texts.flatMap((text) =>
    counts(text) ? forms.map((form) => `${text}_${form}`) : code === 'en' ? [] : [text],
  )
}

function main() {
  const { texts, unclear } = collect()
  const list = process.argv.indexOf('--list')
  if (list > 0) {
    writeFileSync(process.argv[list + 1], texts.map((text) => JSON.stringify(text)).join('\n'))
    return console.log(`${texts.length} texts`)
  }
  const write = process.argv.includes('--write')
  let failed = false
  for (const file of readdirSync(LOCALES).filter((name) => name.endsWith('.json'))) {
    const code = file.replace('.json', '')
    const known = readLocale(code)
    const wanted = wantedKeys(code, texts)
    const missing = wanted.filter((key) => !known[key])
    const surplus = Object.keys(known).filter((key) => !wanted.includes(key))
    console.log(
      `${code}: ${wanted.length - missing.length} of ${wanted.length}, ${surplus.length} that nobody needs`,
    )
    if (process.argv.includes('--missing')) for (const key of missing) console.log(`  ${JSON.stringify(key)}`)
    failed ||= missing.length > 0
    if (write) {
      const kept = Object.fromEntries(
        wanted
          .filter((key) => known[key])
          .sort()
          .map((key) => [key, known[key]]),
      )
      if (code === 'en') for (const key of missing) kept[key] = key.replace(/_[a-z]+$/, '')
      writeFileSync(join(LOCALES, file), `${JSON.stringify(kept, null, 2)}\n`)
    }
  }
  if (unclear.length > 0) console.log(`not written out: ${unclear.join(', ')}`)
  if (process.argv.includes('--check') && failed) process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
