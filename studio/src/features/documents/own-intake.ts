/** Screens that take some things themselves: their own zones are shown, and this one stays out of the way. */
import type { Kind } from '@/app/what-happens'

const OWN: Record<string, readonly Kind[]> = {
  canvas: ['picture'],
  models: ['picture', 'document', 'model', 'media', 'text', 'unknown'],
}

export const ownIntake = (screen: string, kind: Kind): boolean => OWN[screen]?.includes(kind) ?? false
