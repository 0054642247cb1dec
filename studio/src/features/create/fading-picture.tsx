import { useEffect, useState } from 'react'

const FADE = 120

export interface FadingPictureProps {
  src: string
  alt: string
  /** Fades over what was there before; steps of a preview replace each other at once. */
  fade: boolean
  /** A few dots that are drawn large: drawn soft rather than as squares. */
  soft?: boolean
}

/** A picture over the one before it, until the fade is over. Both are decoded already. */
export function FadingPicture({ src, alt, fade, soft }: FadingPictureProps) {
  const [pair, setPair] = useState<{ now: string; before: string }>({ now: src, before: '' })
  if (pair.now !== src) setPair({ now: src, before: fade ? pair.now : '' })
  useEffect(() => {
    if (!pair.before) return
    const timer = setTimeout(() => setPair((last) => ({ ...last, before: '' })), FADE + 40)
    return () => clearTimeout(timer)
  }, [pair.before])
  return (
    <>
      {pair.before ? (
        <img
          src={pair.before}
          alt=""
          className="absolute inset-0 block size-full max-w-none"
          draggable={false}
        />
      ) : null}
      <img
        key={fade ? src : 'steps'}
        src={src}
        alt={alt}
        draggable={false}
        data-picture={fade ? 'result' : 'preview'}
        className="absolute inset-0 block size-full max-w-none"
        style={{
          animation: pair.before ? `appear ${FADE}ms linear` : undefined,
          imageRendering: soft ? 'auto' : undefined,
        }}
      />
    </>
  )
}
