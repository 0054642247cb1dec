/**
 * The screens there are. A folder in `features` with a `screen.ts` is one; there is no other list of them.
 */
import type { LucideIcon } from 'lucide-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

export interface ScreenProps {
  /** What follows the screen's name in the address: a document's, a job's, a picture's id. */
  rest: string
}

export interface Screen {
  id: string
  title: () => string
  icon: LucideIcon
  /** Place in the rail: 1..8 from the top (its key, too); from 90 on at the foot. */
  order: number
  /** An editor of the open document: shows the tabs of documents, and the address holds the document's id. */
  document?: boolean
  /** In the bar of a phone; others are behind "More". */
  phone?: boolean
  /** In no bar; reached by its address alone. */
  hidden?: boolean
  load: () => Promise<LoadedScreen>
}

export interface LoadedScreen {
  default: ComponentType<ScreenProps>
  /** Asks the server for what the screen shows first, if the page opens on it. */
  prepare?: () => void
}

const found = import.meta.glob<{ screen: Screen }>('../features/*/screen.ts', { eager: true })

export const screens: readonly Screen[] = Object.values(found)
  .map((module) => module.screen)
  .sort((one, other) => one.order - other.order)

const components = new Map<string, LazyExoticComponent<ComponentType<ScreenProps>>>(
  screens.map((screen) => [screen.id, lazy(screen.load)]),
)

export const componentOf = (screen: Screen): LazyExoticComponent<ComponentType<ScreenProps>> =>
  components.get(screen.id)!

export const screenOf = (id: string): Screen | undefined => screens.find((screen) => screen.id === id)
