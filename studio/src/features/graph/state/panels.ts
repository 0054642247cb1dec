/** Which panels of the graph are open. Remembered for this browser. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { useGraph } from './graph-store'

export type LeftTab = 'outline' | 'library'

interface Panels {
  left: boolean
  leftTab: LeftTab
  help: boolean
  minimap: boolean
  grid: boolean
  snap: boolean
  links: 'curved' | 'straight' | 'hidden'
  hidden: boolean
}

export const usePanels = create<Panels>()(
  persist<Panels>(
    () => ({
      // Beside an outline a small window has no room for the graph.
      left: innerWidth > 1180,
      leftTab: 'outline',
      help: false,
      minimap: true,
      grid: true,
      snap: false,
      links: 'curved',
      hidden: false,
    }),
    { name: 'limner.graph', partialize: (state: Panels): Panels => ({ ...state, hidden: false }) },
  ),
)

export const setPanels = (change: Partial<Panels>): void => {
  usePanels.setState(change)
}

/** Opens a tab at the left; if it is open, closes the panel. */
export function toggleLeft(tab: LeftTab): void {
  usePanels.setState((state) => ({
    left: !(state.left && state.leftTab === tab),
    leftTab: tab,
    hidden: false,
  }))
}

/** Opens the help of a node. */
export function showHelp(id: string): void {
  useGraph.setState({ help: id })
  usePanels.setState({ help: true, hidden: false })
}
