/** Tool, colours and brush: what one holds in the hand, the same for every document. Kept in this browser. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export interface Brush {
  size: number
  hardness: number
  opacity: number
  /** What a pen's pressure changes. */
  pressure: 'size' | 'none'
}

interface CanvasStore {
  tool: string
  colour: string
  backColour: string
  brush: Brush
  /** Fill: how far a colour may be off, 0..255. */
  tolerance: number
  lasso: 'free' | 'polygon'
  gradient: 'line' | 'circle'
  rectangle: 'select' | 'fill'
}

export const useCanvasStore = create<CanvasStore>()(
  persist(
    (): CanvasStore => ({
      tool: 'brush',
      colour: '#2f6fde',
      backColour: '#ffffff',
      brush: { size: 40, hardness: 0.8, opacity: 1, pressure: 'size' },
      tolerance: 24,
      lasso: 'free',
      gradient: 'line',
      rectangle: 'select',
    }),
    { name: 'limner.canvas' },
  ),
)

export const LARGEST_BRUSH = 1000

export const setBrush = (change: Partial<Brush>) =>
  useCanvasStore.setState(({ brush }) => ({ brush: { ...brush, ...change } }))

export const chooseTool = (tool: string) => useCanvasStore.setState({ tool })

/** One step larger or smaller: small brushes by a pixel, large ones by a tenth. */
export function stepBrush(direction: 1 | -1): void {
  const { size } = useCanvasStore.getState().brush
  const by = Math.max(1, Math.round(size * 0.12))
  setBrush({ size: Math.min(LARGEST_BRUSH, Math.max(1, size + direction * by)) })
}

let before = ''

/** Takes a tool for as long as its key is held. */
export function holdTool(tool: string): void {
  const now = useCanvasStore.getState().tool
  if (now !== tool) before = now
  chooseTool(tool)
}

/** Takes the tool again that was in the hand before. */
export function releaseTool(): void {
  if (before) chooseTool(before)
  before = ''
}
