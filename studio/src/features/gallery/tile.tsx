import { Check, Film, ImageOff, Music, Star } from 'lucide-react'
import { memo, useState } from 'react'
import { shownDate, t } from '@/i18n/text'
import { classes } from '@/ui/classes'
import type { Picture } from './pictures'

export interface TileProps {
  picture: Picture
  at: number
  total: number
  left: number
  width: number
  height: number
  chosen: boolean
  /** It takes the focus when one comes to the list. */
  current: boolean
  /** Some pictures are chosen: a click chooses. */
  choosing: boolean
}

/** One picture of the list. What is done with it is the list's business: see `use-tiles.ts`. */
export const Tile = memo(function Tile(props: TileProps) {
  const { picture, at, total, left, width, height, chosen, current, choosing } = props
  return (
    <div
      role="option"
      aria-selected={chosen}
      aria-posinset={at + 1}
      aria-setsize={total}
      aria-label={labelOf(picture)}
      tabIndex={current ? 0 : -1}
      data-at={at}
      draggable
      className={classes(
        'group absolute top-0 cursor-pointer overflow-hidden rounded-small bg-hover outline-offset-2 select-none [-webkit-touch-callout:none]',
        chosen && 'ring-2 ring-accent ring-offset-2 ring-offset-bg',
      )}
      style={{ left, width, height }}
    >
      <Face key={picture.thumbnail} picture={picture} large={Math.max(width, height) > 280} />
      {picture.starred ? (
        <Star
          size={14}
          aria-hidden="true"
          className="absolute end-1.5 bottom-1.5 fill-current text-white drop-shadow-[0_0_2px_#000]"
        />
      ) : null}
      {chosen || choosing ? (
        <span
          data-check=""
          className={classes(
            'absolute start-1.5 top-1.5 flex size-5 items-center justify-center rounded-full border',
            chosen ? 'border-accent-fill bg-accent-fill text-white' : 'border-white/80 bg-black/35',
          )}
        >
          {chosen ? <Check size={12} strokeWidth={3} aria-hidden="true" /> : null}
        </span>
      ) : (
        <span
          data-check=""
          className="absolute start-1.5 top-1.5 size-5 rounded-full border border-white/90 bg-black/35 opacity-0 group-hover:opacity-100"
        />
      )}
    </div>
  )
})

const ICONS = { image: ImageOff, video: Film, audio: Music }

/** The small picture, or an icon and the name if there is none. */
function Face({ picture, large }: { picture: Picture; large: boolean }) {
  const [failed, setFailed] = useState(picture.media === 'audio')
  const Icon = ICONS[picture.media]
  if (failed)
    return (
      <span className="flex size-full flex-col items-center justify-center gap-2 px-2 text-faint">
        <Icon size={24} strokeWidth={1.5} aria-hidden="true" />
        <span className="max-w-full truncate text-caption">{picture.name}</span>
      </span>
    )
  return (
    <>
      <img
        src={thumbnailOf(picture, large)}
        alt=""
        draggable={false}
        decoding="async"
        className="size-full object-cover"
        onError={() => setFailed(true)}
      />
      {picture.media === 'video' ? (
        <Film
          size={16}
          aria-hidden="true"
          className="absolute end-1.5 top-1.5 text-white drop-shadow-[0_0_2px_#000]"
        />
      ) : null}
    </>
  )
}

export const thumbnailOf = (picture: Picture, large: boolean): string =>
  large ? `${picture.thumbnail}&size=512` : picture.thumbnail

export const labelOf = (picture: Picture): string => {
  const what = picture.alt.trim() || picture.name
  const when = shownDate(picture.created, { dateStyle: 'medium' })
  return picture.starred
    ? t('{{what}}, starred, {{when}}', { what: what.slice(0, 120), when })
    : `${what.slice(0, 120)}, ${when}`
}
