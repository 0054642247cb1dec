import { shownKeys } from './shown-keys'

/** Keys as they are written on this machine's keyboard: `Mod+K` is ⌘K or Ctrl K. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="inline-flex items-center gap-0.5" aria-hidden="true">
      {shownKeys(keys).map((key) => (
        <kbd
          key={key}
          className="min-w-4 rounded-small border border-line-strong/60 bg-hover px-1 text-center font-sans text-caption leading-4 text-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
