// Writes what the studio's bundle is made of: names and licences for the page "About", the licences' texts beside it.
//
//   node test/licences.mjs            writes public/licences.json and public/licences.txt
//   node test/licences.mjs --check    says whether they are those of package-lock.json
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))

/** Packages that the bundle may hold: what is needed when it runs, and nothing that only builds or tests it. */
const packages = Object.entries(lock.packages)
  .filter(
    ([path, entry]) =>
      path.startsWith('node_modules/') && !entry.dev && !entry.optional && !path.includes('@types/'),
  )
  .map(([path, entry]) => ({
    path,
    name: path.split('node_modules/').at(-1),
    version: entry.version,
    licence: entry.license ?? '',
  }))
  .sort((one, other) => one.name.localeCompare(other.name))

const listed = packages.map(({ name, version, licence }) => ({ name, version, licence }))
const json = `${JSON.stringify(listed, null, 1)}\n`
const target = join(ROOT, 'public', 'licences.json')

if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== json) {
    console.error('public/licences.json is not that of package-lock.json. Run: node test/licences.mjs')
    process.exit(1)
  }
} else {
  writeFileSync(target, json)
  writeFileSync(join(ROOT, 'public', 'licences.txt'), packages.map(textOf).join(`\n${'-'.repeat(80)}\n\n`))
  console.log(`${packages.length} packages`)
}

function textOf({ path, name, version, licence }) {
  const folder = join(ROOT, path)
  const file = existsSync(folder)
    ? readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    : undefined
  const text = file
    ? readFileSync(join(folder, file), 'utf8').trim()
    : `(${licence}; the package carries no text of it)`
  return `${name} ${version} (${licence})\n\n${text}\n`
}
