/**
 * What happens with something that is dropped, pasted or chosen, by screen: told before it is let go, done afterwards.
 *
 * While something is dragged only its kind is known, not what is inside; the labels say so.
 */
import { t } from '@/i18n/text'

export type Kind = 'picture' | 'document' | 'model' | 'media' | 'text' | 'unknown'

export type Deed =
  | 'settings'
  | 'input'
  | 'open'
  | 'node'
  | 'loader'
  | 'note'
  | 'prompt'
  | 'import'
  | 'install'
  | 'layer'
  | 'mask'
  | 'control'
  | 'reference'

export interface Outcome {
  deed: Deed
  label: string
  detail: string
}

const MODEL = /\.(safetensors|sft|gguf|ckpt|pt|pth)$/i
const DOCUMENT = /\.json$/i
const PICTURE = /\.(png|jpe?g|webp|gif|avif|bmp)$/i
const MEDIA = /\.(mp4|webm|mov|mkv|wav|mp3|flac|ogg|m4a)$/i
const TEXT = /\.(txt|md)$/i

/** What a file is, by its type and its name; while it is dragged it has no name. */
export function kindOf({ name = '', type }: { name?: string; type: string }): Kind {
  if (type.startsWith('image/') || PICTURE.test(name)) return 'picture'
  if (type.startsWith('video/') || type.startsWith('audio/') || MEDIA.test(name)) return 'media'
  if (type === 'application/json' || DOCUMENT.test(name)) return 'document'
  if (MODEL.test(name)) return 'model'
  if (type.startsWith('text/') || TEXT.test(name)) return 'text'
  return 'unknown'
}

/** The one kind of several files; `unknown` if they differ. */
export const commonKind = (kinds: readonly Kind[]): Kind =>
  kinds.length > 0 && kinds.every((kind) => kind === kinds[0]) ? kinds[0]! : 'unknown'

const outcome = (deed: Deed, label: string, detail = ''): Outcome => ({ deed, label, detail })

const WAYS: Record<Kind, (screen: string, count: number, shift: boolean) => Outcome[]> = {
  picture: picturesGo,
  document: (screen) =>
    screen === 'gallery' || screen === 'models'
      ? []
      : [outcome('open', t('Open the workflow'), t('In a tab of its own'))],
  model: () => [outcome('install', t('Install the model'), t('It appears in every list of models'))],
  media: (screen) =>
    screen === 'gallery'
      ? [outcome('import', t('Import into the gallery'))]
      : [outcome('loader', t('Add a node that loads it'), t('To the open graph'))],
  text: (screen) =>
    screen === 'gallery' || screen === 'models'
      ? []
      : screen === 'graph'
        ? [outcome('note', t('Add as a note'), t('A text of settings is used as such in Create'))]
        : [outcome('prompt', t('Use in the prompt'), t('Or its settings, if it is a text of such'))],
  unknown: (screen) =>
    screen === 'gallery'
      ? [outcome('import', t('Import into the gallery'))]
      : [outcome('open', t('Open'), t('A workflow is opened, a model is installed'))],
}

/** What can be done with something on a screen, the usual way first; none: it cannot be taken here. */
export const outcomesOf = (screen: string, kind: Kind, count = 1, shift = false): Outcome[] =>
  WAYS[kind](screen, count, shift)

function picturesGo(screen: string, count: number, shift: boolean): Outcome[] {
  if (screen === 'gallery') return [outcome('import', t('Import into the gallery'))]
  if (screen === 'models') return []
  if (screen === 'canvas') {
    return [
      outcome('layer', t('Layer'), t('Lies on the picture')),
      outcome('mask', t('Mask'), t('White is painted anew')),
      outcome('control', t('Control'), t('Steers a control model')),
      outcome('reference', t('Reference'), t('The model looks at it')),
      outcome('settings', t('Settings'), t('How it was made, into Create')),
    ]
  }
  if (screen === 'graph') {
    const node = outcome('node', t('Add as an image node'), t('Or into the node under the pointer'))
    if (shift || count > 1) return [node]
    return [
      outcome(
        'open',
        t('Open its workflow'),
        t('A picture without one becomes an image node. Shift: always'),
      ),
    ]
  }
  const input = outcome(
    'input',
    t('Use as input'),
    count > 1 ? t('The first of {{count}}', { count }) : t('Image to image'),
  )
  return count > 1
    ? [input]
    : [outcome('settings', t('Use its settings'), t('If the picture says how it was made')), input]
}
