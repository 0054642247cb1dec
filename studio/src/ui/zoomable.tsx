import { type ReactNode, type Ref, useImperativeHandle, useRef, useState } from 'react'
import { t } from '@/i18n/text'
import { classes } from './classes'
import { useZoom } from './use-zoom'
import type { Size, Swipe } from './zoom'
import { ZoomBar } from './zoom-bar'

/** What can be done with the view from outside. */
export interface ZoomHandle {
  fit: () => void
  /** 1 is one pixel of the picture on one pixel of the screen. */
  to: (scale: number) => void
  by: (factor: number) => void
  /** Between the whole picture and its pixels. */
  toggle: () => void
}

export interface ZoomableProps {
  src: string
  alt: string
  /** The picture's size if it is known before it is loaded. */
  width?: number
  height?: number
  /** In the picture's place and size instead of it: two pictures with a slider, a mask. */
  children?: ReactNode
  flipped?: boolean
  /** Without the zoom's own buttons. */
  bare?: boolean
  /** A finger went over the whole picture: next, previous, close. */
  onSwipe?: (where: Swipe) => void
  onFailed?: () => void
  handle?: Ref<ZoomHandle>
  className?: string
}

/** From this scale on, pixels are shown as squares. */
const PIXELS = 2

/** A picture that is panned and zoomed to its pixels: wheel, pinch, drag, double-click, keys. */
export function Zoomable(props: ZoomableProps) {
  const { src, alt, width, height, children, flipped, bare, onSwipe, onFailed, handle, className } = props
  const [loaded, setLoaded] = useState<Size | null>(null)
  const picture = width && height ? { width, height } : loaded
  const box = useRef<HTMLDivElement>(null)
  const zoom = useZoom(box, picture, onSwipe)
  useImperativeHandle(handle, () => zoom.handle, [zoom.handle])
  const { scale, x, y, fit } = zoom.view
  const squares = !fit && zoom.percent > PIXELS * 100
  return (
    <div className={classes('relative min-h-0 min-w-0 overflow-hidden', className)}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms; this is a view that is moved. */}
      <div
        ref={box}
        role="group"
        aria-label={t('Picture, {{percent}} %', { percent: Math.round(zoom.percent) })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move and zoom it.
        tabIndex={0}
        className={classes(
          'absolute inset-0 touch-none overflow-hidden outline-offset-[-2px] select-none',
          zoom.movable && 'cursor-grab active:cursor-grabbing',
        )}
        {...zoom.listeners}
      >
        <div
          className="absolute top-1/2 left-1/2 origin-center"
          style={{
            width: picture?.width,
            height: picture?.height,
            visibility: picture ? undefined : 'hidden',
            transform: `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${flipped ? -scale : scale}, ${scale})`,
            imageRendering: squares ? 'pixelated' : undefined,
          }}
        >
          {children ?? (
            <img
              src={src}
              alt={alt}
              draggable={false}
              decoding="async"
              className="block size-full max-w-none"
              onError={onFailed}
              onLoad={(event) => {
                const { naturalWidth, naturalHeight } = event.currentTarget
                setLoaded({ width: naturalWidth, height: naturalHeight })
              }}
            />
          )}
        </div>
      </div>
      {bare ? null : <ZoomBar percent={zoom.percent} fit={fit} zoom={zoom.handle} />}
    </div>
  )
}
