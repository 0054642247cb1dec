import { create } from 'zustand'

const useAnnounced = create<{ text: string; turn: number }>(() => ({ text: '', turn: 0 }))

/** Says something to screen readers only, politely. */
export const announce = (text: string): void =>
  useAnnounced.setState(({ turn }) => ({ text, turn: turn + 1 }))

/** Once in the frame: where screen readers hear of it. */
export function Announcer() {
  const { text, turn } = useAnnounced()
  return (
    <div aria-live="polite" className="sr-only">
      <span key={turn}>{text}</span>
    </div>
  )
}
