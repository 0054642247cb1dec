/** Does what was announced with files and texts that were dropped, pasted or chosen (see what-happens). */

import { t } from '@/i18n/text'
import { uploadInput } from '@/net/files'
import { type Found, readFile } from '@/net/read-file'
import { toast } from '@/ui/toasts'
import { titleOfFile } from './file-names'
import { sendTo } from './intents'
import { goTo } from './navigation'
import { openWritten } from './saving'
import { type Deed, kindOf } from './what-happens'

/** Where on the page it was let go. */
export type At = [number, number] | undefined

/** Larger files are not asked for what they carry. */
const READABLE = 30 << 20

/** Takes files in; what goes wrong is said. */
export async function takeFiles(files: readonly File[], deed: Deed, screen: string, at?: At): Promise<void> {
  try {
    if (deed === 'import') return sendTo('gallery', 'import', { files: [...files] })
    for (const [place, file] of files.entries()) {
      if (place > 0 && ONCE.has(deed)) break
      await DEEDS[deed](file, screen, at && [at[0], at[1] + place * 40])
    }
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}

/** Takes a text in: into the prompt, as a note, or what it describes. */
export async function takeText(text: string, deed: Deed, at?: At): Promise<void> {
  if (!text.trim()) return
  try {
    if (deed === 'note') return sendTo('graph', 'add-note', { text, at })
    const found = await readFile(text)
    if (found.workflow || found.prompt) return await openFound(found, t('Pasted workflow'), 'graph')
    if (found.settings) return sendTo('create', 'use-settings', { values: found.settings })
    sendTo('create', 'use-settings', { values: { 'prompt.positive': text.trim() } })
  } catch (error) {
    toast({ text: error instanceof Error ? error.message : String(error), tone: 'err' })
  }
}

const ONCE: ReadonlySet<Deed> = new Set(['settings', 'input', 'prompt', 'note'])

type Take = (file: File, screen: string, at: At) => Promise<void>

const asLayer =
  (as: string): Take =>
  async (file) =>
    sendTo('canvas', 'edit-picture', { file: await uploadInput(file, file.name), as })

const DEEDS: Record<Deed, Take> = {
  open: openFile,
  settings: useSettings,
  input: async (file) => sendTo('create', 'use-input', { file: await uploadInput(file, file.name) }),
  node: (file, _, at) => addNode(file, 'image', at),
  loader: (file, _, at) => addNode(file, file.type.startsWith('audio/') ? 'audio' : 'video', at),
  note: async (file, _, at) => takeText(await file.text(), 'note', at),
  prompt: async (file) => takeText(await file.text(), 'prompt'),
  install: async (file) => sendTo('models', 'add', { file }),
  import: async (file) => sendTo('gallery', 'import', { files: [file] }),
  layer: asLayer('layer'),
  mask: asLayer('mask'),
  control: asLayer('control'),
  reference: asLayer('reference'),
}

/** Opens what a file carries; a picture that carries nothing becomes a node, or an input in Create. */
async function openFile(file: File, screen: string, at: At): Promise<void> {
  const kind = kindOf(file)
  if (kind === 'model') return DEEDS.install(file, screen, at)
  const found: Found = file.size > READABLE ? { kind: 'nothing' } : await readFile(file)
  if (found.workflow || found.prompt) return openFound(found, file.name, screen)
  if (kind === 'picture' && screen === 'graph') return addNode(file, 'image', at)
  if (kind === 'media') return DEEDS.loader(file, screen, at)
  if (found.settings) return sendTo('create', 'use-settings', { values: found.settings })
  if (kind === 'picture') return DEEDS.input(file, screen, at)
  if (kind === 'text') return DEEDS.prompt(file, screen, at)
  const why = found.note || t('It is no workflow, no picture and no model.')
  throw new Error(t('{{name}} cannot be opened. {{why}}', { name: file.name, why }))
}

/** A workflow in a tab of its own, on a screen that shows it: an app file as an app. */
async function openFound(found: Found, name: string, screen: string): Promise<void> {
  const written = found.workflow ?? found.prompt
  if (/\.app\.json$/i.test(name) && screen !== 'graph')
    return sendTo('apps', 'open-app', { workflow: written, title: titleOfFile(name) })
  const document = await openWritten(written, name)
  if (screen !== 'create' && screen !== 'graph') goTo('graph', document)
  else goTo(screen, document)
}

async function useSettings(file: File, screen: string, at: At): Promise<void> {
  const found: Found = file.size > READABLE ? { kind: 'nothing' } : await readFile(file)
  if (found.settings) return sendTo('create', 'use-settings', { values: found.settings })
  if (found.workflow || found.prompt) return openFound(found, file.name, 'graph')
  toast({ text: t('This picture does not say how it was made; it is used as the input.'), tone: 'warn' })
  await DEEDS.input(file, screen, at)
}

async function addNode(file: File, kind: 'image' | 'video' | 'audio', at: At): Promise<void> {
  sendTo('graph', 'add-file', { file: await uploadInput(file, file.name), kind, at })
}
