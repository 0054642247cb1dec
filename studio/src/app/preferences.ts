/** What somebody chose for this browser. `public/theme.js` reads the same entry before the first paint. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export interface Preferences {
  theme: 'system' | 'dark' | 'light' | 'contrast'
  density: 'comfortable' | 'compact'
  /** One of the accents of `ui/theme.css`; empty: blue. */
  accent: string
  language: string
  /** Less of it than the system asks for, or as much. */
  motion: 'system' | 'reduced'
  /** Where one comes from: which keys and gestures hold. */
  habits: 'comfyui' | 'a1111' | 'invokeai' | 'photoshop' | 'touchpad'
  startScreen: string
  railWords: boolean
  previews: 'full' | 'small' | 'off'
  /** Keys of one letter work. */
  singleKeys: boolean
  sound: boolean
  notify: boolean
  /** Other keys for commands, by command id; an empty text takes the keys away. */
  keys: Record<string, string>
  /** Tips and notes that were dismissed for ever. */
  dismissed: string[]
}

export const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'comfortable',
  accent: '',
  language: '',
  motion: 'system',
  habits: 'comfyui',
  startScreen: 'create',
  railWords: true,
  previews: 'full',
  singleKeys: true,
  sound: false,
  notify: false,
  keys: {},
  dismissed: [],
}

export const usePreferences = create<Preferences>()(
  persist((): Preferences => DEFAULTS, { name: 'limner.preferences' }),
)

export const prefer = (change: Partial<Preferences>): void => {
  usePreferences.setState(change)
}

export const dismissForEver = (name: string): void => {
  usePreferences.setState(({ dismissed }) => ({ dismissed: [...new Set([...dismissed, name])] }))
}

const systemDark = () => matchMedia('(prefers-color-scheme: dark)')

/** Puts theme, density and accent on the root, now and whenever they change. */
export function applyPreferences(): void {
  const apply = () => {
    const { theme, density, accent, motion } = usePreferences.getState()
    const root = document.documentElement
    root.dataset.theme = theme === 'system' ? (systemDark().matches ? 'dark' : 'light') : theme
    root.dataset.density = density
    root.dataset.accent = accent
    root.dataset.motion = motion
    const ground = getComputedStyle(root).getPropertyValue('--bg').trim()
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
  }
  apply()
  usePreferences.subscribe(apply)
  systemDark().addEventListener('change', apply)
}
