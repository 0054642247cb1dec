/** Pictures that were put into the trash from here: gone from view at once, back when that is undone. */
import { create } from 'zustand'

export const useTrashed = create<{ keys: ReadonlySet<string> }>(() => ({ keys: new Set() }))

export const hide = (key: string): void =>
  useTrashed.setState(({ keys }) => ({ keys: new Set([...keys, key]) }))

export const showAgain = (key: string): void =>
  useTrashed.setState(({ keys }) => ({ keys: new Set([...keys].filter((other) => other !== key)) }))
