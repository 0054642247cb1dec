/** Who is signed in, where the server asks for keys. The key is in a cookie that scripts cannot read. */
import { create } from 'zustand'
import { getJson, onUnauthorized, postJson, remove } from '@/net/api'

export interface Session {
  /** The server asks for keys. */
  accounts: boolean
  /** Whose key it is; null: nobody is signed in. */
  user: string | null
  scopes: string[]
}

export const useSession = create<{ session: Session | null }>(() => ({ session: null }))

/** Whether somebody has to sign in before anything else can be done. */
export const needsKey = ({ session }: { session: Session | null }): boolean =>
  session?.accounts === true && session.user === null

/** Whether one may do what a scope allows; everybody may where no keys are asked for. */
export const useMay = (scope: string): boolean =>
  useSession(({ session }) => !session?.accounts || session.scopes.includes(scope))

/** Asks who one is; a server that does not answer is asked again by whatever comes next. */
export async function readSession(): Promise<void> {
  const session = await getJson<Session>('/limner/session').catch(() => null)
  if (session) useSession.setState({ session })
}

/** Signs in; raises ApiError if the key is not taken. */
export async function signIn(key: string, lasting: boolean): Promise<void> {
  useSession.setState({ session: await postJson<Session>('/limner/session', { key, lasting }) })
}

export async function signOut(): Promise<void> {
  await remove('/limner/session')
  location.reload()
}

/** A request that is refused for want of a key has it asked again who one is; nobody is shown the sign-in. */
export const watchSession = (): (() => void) =>
  onUnauthorized(() => {
    if (!needsKey(useSession.getState())) void readSession()
  })
