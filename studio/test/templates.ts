/** The official templates of ComfyUI, where their package is installed. They are read at test time and never shipped. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Definitions, readDefinitions } from '@/doc/definitions'

const PACKAGE = 'comfyui_workflow_templates_json'

/** The folder of the templates, or an empty text if they are not installed. `LIMNER_TEMPLATES` names another. */
export function templatesFolder(): string {
  if (process.env.LIMNER_TEMPLATES) return process.env.LIMNER_TEMPLATES
  const python = [join(process.cwd(), '../.venv/bin/python'), join(process.cwd(), '.venv/bin/python')].find(
    existsSync,
  )
  if (!python) return ''
  try {
    const code = `import importlib.util as u; s = u.find_spec('${PACKAGE}'); print(s.submodule_search_locations[0] if s else '')`
    const folder = execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim()
    return folder && existsSync(join(folder, 'templates')) ? join(folder, 'templates') : ''
  } catch {
    return ''
  }
}

/** Names and texts of the templates that are workflows. */
export function readTemplates(folder: string): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !/^(index|fuse)/.test(name))
    .sort()
    .map((name) => ({ name: name.replace(/\.json$/, ''), text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ text }) => text.includes('"nodes"'))
}

/** Node definitions as a server listed them once. */
export function recordedDefinitions(): Definitions {
  const file = join(__dirname, 'fixtures/object-info.json.gz')
  return readDefinitions(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')))
}
