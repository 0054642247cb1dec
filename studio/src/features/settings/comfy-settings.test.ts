import { expect, it } from 'vitest'
import { readComfySettings } from './comfy-settings'

it('takes over theme and keys that map, and nothing else', () => {
  const found = readComfySettings({
    'Comfy.ColorPalette': 'light',
    'Comfy.Keybinding.NewBindings': [
      { commandId: 'Comfy.QueuePrompt', combo: { key: 'g', ctrl: true, shift: true } },
      { commandId: 'Comfy.Unknown', combo: { key: 'x' } },
      null,
    ],
    other: 7,
  })
  expect(found).toEqual({ theme: 'light', keys: { run: 'Mod+Shift+G' } })
  expect(readComfySettings(null)).toEqual({})
})
