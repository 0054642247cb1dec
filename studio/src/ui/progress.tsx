import { classes } from './classes'

/** How far something is, 0..1; undefined: nobody knows. */
export function Progress({ value, label, className }: { value?: number; label: string; className?: string }) {
  const known = value !== undefined
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.round(value * 100) : undefined}
      className={classes('h-1 overflow-hidden rounded-full bg-line', className)}
    >
      <div
        className={classes(
          'h-full rounded-full bg-accent-fill',
          known ? 'transition-[width] duration-180' : 'w-2/5 animate-[slide_1.2s_linear_infinite]',
        )}
        style={known ? { width: `${Math.min(1, Math.max(0, value)) * 100}%` } : undefined}
      />
    </div>
  )
}
