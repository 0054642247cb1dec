import { classes } from './classes'

/** A grey place for what is on its way; it appears only after 150 ms. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div
    aria-hidden="true"
    className={classes(
      'rounded-control bg-hover [animation:appear_200ms_150ms_backwards,pulse-soft_1.6s_350ms_infinite]',
      className,
    )}
  />
)
