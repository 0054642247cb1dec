import { Music, SkipBack, SkipForward } from 'lucide-react'
import { useRef } from 'react'
import { t } from '@/i18n/text'
import { fileUrl } from '@/net/files'
import { IconButton } from '@/ui/button'
import type { Picture } from './pictures'

/** Seconds of one frame of most films; a browser does not tell how many there are. */
const FRAME = 1 / 24

/** A film, with steps of one frame, or a sound. */
export function Player({ picture }: { picture: Picture }) {
  const film = useRef<HTMLVideoElement>(null)
  const step = (frames: number) => {
    const element = film.current
    if (!element) return
    element.pause()
    element.currentTime = Math.max(0, element.currentTime + frames * FRAME)
  }
  const src = fileUrl(picture.file)
  if (picture.media === 'audio')
    return (
      <div className="flex flex-1 flex-col items-center justify-center gap-6 p-6 text-white/80">
        <Music size={48} strokeWidth={1} aria-hidden="true" />
        <p className="max-w-full truncate text-body">{picture.name}</p>
        {/* biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what was just made. */}
        <audio src={src} controls className="w-full max-w-md" aria-label={picture.name} />
      </div>
    )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {/* biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what was just made. */}
      <video
        ref={film}
        src={src}
        controls
        loop
        playsInline
        aria-label={picture.alt || picture.name}
        className="min-h-0 w-full flex-1 object-contain"
      />
      <div className="flex shrink-0 items-center justify-center gap-1 bg-surface py-1">
        <IconButton label={t('One frame back')} onClick={() => step(-1)}>
          <SkipBack size={16} />
        </IconButton>
        <IconButton label={t('One frame on')} onClick={() => step(1)}>
          <SkipForward size={16} />
        </IconButton>
      </div>
    </div>
  )
}
