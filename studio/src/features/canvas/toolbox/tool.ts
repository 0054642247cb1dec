/**
 * What a tool is. A file in `tools/` that exports one as `tool` is in the tool column; there is no other list of them.
 */
import type { LucideIcon } from 'lucide-react'
import type { Drawing } from '../pixels/surface'
import type { CanvasStage } from '../stage/stage'
import type { Point } from '../state/geometry'
import type { StrokePoint } from './stroke'

export interface Pointing {
  /** In the document's pixels. */
  point: Point
  /** In the stage's pixels. */
  screen: Point
  /** Every place since the last event, in the document's pixels. */
  path: StrokePoint[]
  shift: boolean
  alt: boolean
  control: boolean
  touch: boolean
}

/** What the options bar shows while a tool is in the hand. */
export type ToolOption =
  | 'brush'
  | 'colour'
  | 'box'
  | 'transform'
  | 'tolerance'
  | 'lasso'
  | 'gradient'
  | 'rectangle'
  | 'selection'

export interface Tool {
  id: string
  label: () => string
  icon: LucideIcon
  keys: string
  order: number
  options: readonly ToolOption[]
  /** `ring`: a circle of the brush's size. Otherwise a cursor of CSS. */
  cursor: string
  /** Also on a phone. */
  phone?: boolean
  start?: (at: Pointing, stage: CanvasStage) => void
  move?: (at: Pointing, stage: CanvasStage) => void
  end?: (at: Pointing, stage: CanvasStage) => void
  /** The pointer moves without being pressed. */
  hover?: (at: Pointing, stage: CanvasStage) => void
  doubleClick?: (at: Pointing, stage: CanvasStage) => void
  /** Takes back what was begun: Esc, or a second finger. */
  cancel?: (stage: CanvasStage) => void
  /** Finishes what was begun: Enter. Returns whether there was something. */
  accept?: (stage: CanvasStage) => boolean
  /** Marks over the picture, in the stage's pixels. */
  draw?: (context: Drawing, stage: CanvasStage) => void
}

const found = import.meta.glob<{ tool: Tool }>('../tools/*.ts', { eager: true })

export const tools: readonly Tool[] = Object.values(found)
  .map((module) => module.tool)
  .sort((one, other) => one.order - other.order)

export const toolOf = (id: string): Tool => tools.find((tool) => tool.id === id) ?? tools[0]!
