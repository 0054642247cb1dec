/**
 * Documents that other tabs of the same browser have open.
 *
 * Tabs tell each other over a broadcast channel. A document that is open elsewhere is marked, and its draft is left to
 * the tab that has it, so that two tabs never write over each other's work unseen.
 */
import { create } from 'zustand'
import { useDocuments } from './documents'

interface Told {
  tab: string
  /** Ids and file paths of what it has open; empty when it closes. */
  ids: string[]
  paths: string[]
  /** The others should tell too. */
  ask?: boolean
}

interface Elsewhere {
  tabs: Record<string, { ids: string[]; paths: string[] }>
}

export const useElsewhere = create<Elsewhere>(() => ({ tabs: {} }))

const CHANNEL = 'limner-documents'
const PATIENCE = 60
const tab = Math.random().toString(36).slice(2)

/** Whether another tab has a document open, by its id or by its file. */
export const isElsewhere = (tabs: Elsewhere['tabs'], id: string, path: string): boolean =>
  Object.values(tabs).some(({ ids, paths }) => ids.includes(id) || (path !== '' && paths.includes(path)))

/** Begins to tell and to listen; resolves once other tabs had time to answer. */
export async function watchTabs(): Promise<void> {
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(CHANNEL)
  let said = ''
  const tell = (ask = false): void => {
    const { open, order } = useDocuments.getState()
    const paths = order.map((id) => open[id]?.path ?? '').filter(Boolean)
    const now = JSON.stringify([order, paths])
    if (now === said && !ask) return
    said = now
    channel.postMessage({ tab, ids: order, paths, ask } satisfies Told)
  }
  channel.onmessage = ({ data }: MessageEvent<Told>) => {
    if (!data || typeof data.tab !== 'string' || data.tab === tab) return
    useElsewhere.setState(({ tabs }) => {
      const { [data.tab]: _, ...others } = tabs
      return { tabs: data.ids.length > 0 ? { ...others, [data.tab]: data } : others }
    })
    if (data.ask) {
      said = ''
      tell()
    }
  }
  addEventListener('pagehide', () => channel.postMessage({ tab, ids: [], paths: [] } satisfies Told))
  addEventListener('pageshow', () => tell(true))
  useDocuments.subscribe(() => tell())
  tell(true)
  await new Promise((done) => setTimeout(done, PATIENCE))
}
