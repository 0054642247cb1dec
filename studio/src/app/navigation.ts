/** Where one is: `/studio/<screen>/<rest>`. */
import { useLocation } from 'wouter'
import { navigate } from 'wouter/use-browser-location'

export const BASE = '/studio'

/** The address of a screen, for links. */
export const addressOf = (screen: string, rest = ''): string =>
  `${BASE}/${screen}${rest ? `/${encodeURIComponent(rest)}` : ''}`

/** Goes to a screen; `replace` leaves no step to go back to. */
export const goTo = (screen: string, rest = '', { replace = false } = {}): void =>
  navigate(addressOf(screen, rest), { replace })

/** The screen and what follows it, from the address. */
export function usePlace(): { screen: string; rest: string } {
  const [path] = useLocation()
  return readPlace(path)
}

export function readPlace(path: string): { screen: string; rest: string } {
  const [screen = '', ...rest] = path.replace(/^\/(studio\/?)?/, '').split('/')
  return { screen, rest: decodeURIComponent(rest.join('/')) }
}
