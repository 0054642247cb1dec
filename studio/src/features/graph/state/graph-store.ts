/** What the screen itself knows: what is selected, where one looks, what is being connected. Never part of the document. */
import { create } from 'zustand'
import type { MenuEntry } from '@/ui/menu'

export interface PortRef {
  node: string
  side: 'in' | 'out'
  slot: number
  type: string
  /** Set for a widget that has no socket yet. */
  widget?: string
}

export interface View {
  x: number
  y: number
  zoom: number
}

/** Where a search for a node to add was opened. */
export interface Adding {
  /** On the screen. */
  at: [number, number]
  /** In the graph. */
  place: [number, number]
  /** A link that was dropped there. */
  from?: PortRef
}

interface GraphState {
  /** Subgraph nodes that were entered, by document. */
  paths: Record<string, readonly string[]>
  selected: ReadonlySet<string>
  selectedLinks: ReadonlySet<string>
  /** The node that has the keyboard's attention. */
  current: string
  adding: Adding | null
  connecting: PortRef | null
  /** A port was chosen by keyboard; its target is being chosen. */
  choosing: string | null
  menu: { at: [number, number]; entries: MenuEntry[] } | null
  renaming: string | null
  /** Links whose path is lit. */
  lit: ReadonlySet<string>
  help: string
  problem: number
}

const NONE: ReadonlySet<string> = new Set()

export const useGraph = create<GraphState>(() => ({
  paths: {},
  selected: NONE,
  selectedLinks: NONE,
  current: '',
  adding: null,
  connecting: null,
  choosing: null,
  menu: null,
  renaming: null,
  lit: NONE,
  help: '',
  problem: -1,
}))

/** Views by document and path: where one was is where one comes back to. */
const views = new Map<string, View>()
export const viewKey = (document: string, path: readonly string[]): string => [document, ...path].join('/')
export const keptView = (key: string): View | undefined => views.get(key)
export const keepView = (key: string, view: View): void => {
  views.set(key, view)
}

export const select = (ids: Iterable<string>): void =>
  useGraph.setState({ selected: new Set(ids), selectedLinks: NONE })

export const showMenu = (at: [number, number], entries: MenuEntry[]): void =>
  useGraph.setState({ menu: { at, entries } })

/** Goes into a subgraph, or out to one of those around it. */
export function enter(document: string, path: readonly string[]): void {
  useGraph.setState((state) => ({
    paths: { ...state.paths, [document]: path },
    selected: NONE,
    selectedLinks: NONE,
    current: '',
    adding: null,
    connecting: null,
    choosing: null,
  }))
}

export const NO_PATH: readonly string[] = []
