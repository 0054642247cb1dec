import { useState } from 'react'
import { classes } from '@/ui/classes'
import { KindIcon } from './kinds'
import { pictureOf } from './model-data'

/** A model's picture, or the sign of its kind. */
export function ModelPicture({
  model,
  className,
  large,
}: {
  model: { kind: string; name: string; picture: string }
  className?: string
  large?: boolean
}) {
  const [failed, setFailed] = useState('')
  const source = model.picture ? pictureOf(model) : ''
  return (
    <div
      className={classes(
        'flex items-center justify-center overflow-hidden bg-press text-faint',
        large ? 'rounded-card' : 'rounded-control',
        className,
      )}
    >
      {source && failed !== source ? (
        <img
          src={source}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(source)}
          className="size-full object-cover"
        />
      ) : (
        <KindIcon kind={model.kind} size={large ? 32 : 20} />
      )}
    </div>
  )
}
