/**
 * Places of the frame that a feature fills: a file `features/<name>/<slot>.tsx` with a default export is shown there.
 *
 * - `drawer.tsx`: the queue's drawer, opened by the chip in the top bar
 * - `overlay.tsx`: mounted always (a drop zone, a dialog that any screen may open)
 */
import { type ComponentType, lazy } from 'react'

type Loader = () => Promise<{ default: ComponentType }>

const drawers = Object.values(import.meta.glob('../features/*/drawer.tsx')) as Loader[]
const overlays = Object.values(import.meta.glob('../features/*/overlay.tsx')) as Loader[]

export const drawerSlots = drawers.map((load) => lazy(load))
export const overlaySlots = overlays.map((load) => lazy(load))
