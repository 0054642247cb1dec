import { MenuAt } from '@/ui/menu'
import { useGraph } from '../state/graph-store'

/** The one menu of the graph, wherever it was asked for. */
export function GraphMenu() {
  const menu = useGraph((state) => state.menu)
  if (!menu) return null
  return (
    <MenuAt
      key={menu.at.join()}
      at={menu.at}
      entries={menu.entries}
      onClose={() => useGraph.setState({ menu: null })}
    />
  )
}
