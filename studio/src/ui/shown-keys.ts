const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const MAC_NAMES: Record<string, string> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Enter: '↵' }
const NAMES: Record<string, string> = { Mod: 'Ctrl', Enter: '↵', Escape: 'Esc', Delete: 'Del', ' ': 'Space' }
const ARROWS: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }

/** The parts of `Mod+Shift+K` as they are called here. */
export const shownKeys = (keys: string): string[] =>
  keys.split('+').map((key) => ARROWS[key] ?? (MAC ? MAC_NAMES[key] : undefined) ?? NAMES[key] ?? key)

/** Whether this machine's command key is ⌘. */
export const isMac = MAC
