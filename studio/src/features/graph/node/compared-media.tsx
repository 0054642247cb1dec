import { useState } from 'react'
import { t } from '@/i18n/text'
import { fileUrl, type SavedFile } from '@/net/files'

/** Two pictures that a node gave to be compared, if it gave such. */
export function pairOf(files: readonly SavedFile[]): [one: SavedFile, other: SavedFile] | undefined {
  const one = files.find((file) => file.media === 'a_images')
  const other = files.find((file) => file.media === 'b_images')
  return one && other ? [one, other] : undefined
}

const PICTURE = 'absolute inset-0 size-full object-contain'

/** Two pictures over each other: the slider says how much of the first is seen. */
export function ComparedMedia({ pair: [one, other] }: { pair: [SavedFile, SavedFile] }) {
  const [part, setPart] = useState(50)
  return (
    <div className="nodrag nopan relative size-full">
      <img src={fileUrl(other)} alt={t('Second picture')} draggable={false} className={PICTURE} />
      <img
        src={fileUrl(one)}
        alt={t('First picture')}
        draggable={false}
        className={PICTURE}
        style={{ clipPath: `inset(0 ${100 - part}% 0 0)` }}
      />
      <span
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-white shadow-menu"
        style={{ left: `${part}%` }}
      />
      <input
        type="range"
        dir="ltr"
        min={0}
        max={100}
        value={part}
        aria-label={t('How much of the first picture is seen')}
        onChange={(event) => setPart(Number(event.target.value))}
        className="absolute inset-0 size-full cursor-ew-resize opacity-0 focus-visible:opacity-100"
      />
    </div>
  )
}
