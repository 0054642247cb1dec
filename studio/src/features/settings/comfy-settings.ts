/** Reads what maps to our preferences from ComfyUI's settings file: an object of values by setting name. */
import type { Preferences } from '@/app/preferences'
import { LANGUAGES } from '@/i18n/text'

/** Our command for one of its commands. */
const COMMANDS: Record<string, string> = {
  'Comfy.QueuePrompt': 'run',
  'Comfy.QueuePromptFront': 'run.first',
  'Comfy.Interrupt': 'run.cancel',
  'Comfy.Undo': 'undo',
  'Comfy.Redo': 'redo',
  'Workspace.ToggleSidebarTab.queue': 'queue.drawer',
}

const MODIFIERS = [
  ['ctrl', 'Mod'],
  ['alt', 'Alt'],
  ['shift', 'Shift'],
] as const

export function readComfySettings(settings: unknown): Partial<Preferences> {
  if (typeof settings !== 'object' || settings === null) return {}
  const values = settings as Record<string, unknown>
  const found: Partial<Preferences> = {}
  const theme = values['Comfy.ColorPalette']
  if (theme === 'light' || theme === 'dark') found.theme = theme
  const language = values['Comfy.Locale']
  const known = Object.keys(LANGUAGES).find(
    (code) => typeof language === 'string' && code.split('-')[0] === language.split('-')[0],
  )
  if (known) found.language = known
  const keys = readKeys(values['Comfy.Keybinding.NewBindings'])
  if (Object.keys(keys).length > 0) found.keys = keys
  return found
}

function readKeys(bindings: unknown): Record<string, string> {
  const keys: Record<string, string> = {}
  for (const binding of Array.isArray(bindings) ? bindings : []) {
    const command = COMMANDS[String(binding?.commandId)]
    const combo = binding?.combo
    if (!command || typeof combo?.key !== 'string') continue
    const held = MODIFIERS.filter(([name]) => combo[name] === true).map(([, written]) => written)
    const key = combo.key.length === 1 ? combo.key.toUpperCase() : combo.key
    keys[command] = [...held, key].join('+')
  }
  return keys
}
