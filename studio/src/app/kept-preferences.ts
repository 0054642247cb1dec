/**
 * Preferences are kept on the server too, for each user, so that another browser has them.
 *
 * The newer side counts. Tips that were dismissed stay this browser's: they are of no use to another one.
 */
import { getJson, postJson } from '@/net/api'
import { DEFAULTS, type Preferences, usePreferences } from './preferences'

const SETTING = 'Limner.Studio'
const AT = 'limner.preferences.at'
const PAUSE = 800

interface Kept {
  at: number
  values: Partial<Preferences>
}

/** Takes over what another browser chose last, and keeps what is chosen here from now on. */
export async function keepPreferences(): Promise<void> {
  const kept = await getJson<Kept | null>(`/settings/${SETTING}`).catch(() => null)
  if (kept && kept.at > ownAge()) {
    localStorage.setItem(AT, String(kept.at))
    usePreferences.setState(readKept(kept.values))
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  usePreferences.subscribe((now, before) => {
    if (shared(now) === shared(before)) return
    clearTimeout(timer)
    const at = Date.now()
    localStorage.setItem(AT, String(at))
    timer = setTimeout(() => {
      const values: Partial<Preferences> = { ...usePreferences.getState() }
      delete values.dismissed
      void postJson(`/settings/${SETTING}`, { at, values }).catch(() => undefined)
    }, PAUSE)
  })
}

/** Of what came, only what is a preference and has its type. */
export function readKept(values: unknown): Partial<Preferences> {
  if (typeof values !== 'object' || values === null) return {}
  const known = Object.entries(values).filter(
    ([name, value]) =>
      name in DEFAULTS && name !== 'dismissed' && typeof value === typeof DEFAULTS[name as keyof Preferences],
  )
  return Object.fromEntries(known)
}

const ownAge = (): number => Number(localStorage.getItem(AT)) || 0

const shared = ({ dismissed: _, ...values }: Preferences): string => JSON.stringify(values)
