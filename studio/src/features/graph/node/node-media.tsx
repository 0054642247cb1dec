import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/text'
import { fileOfInput, fileUrl, type SavedFile } from '@/net/files'
import { useNodeFiles, useNodePreview, useNodeTexts } from '../running/node-run'
import type { NodeData } from '../state/elements'
import { useValue } from '../state/values'
import { ComparedMedia, pairOf } from './compared-media'

interface NodeMediaProps {
  id: string
  data: NodeData
  box: { y: number; height: number }
}

/** What a node shows below its widgets: the preview while it works, then what it gave; or the picture that it loads. */
export function NodeMedia({ id, data, box }: NodeMediaProps) {
  const preview = useNodePreview(id)
  const files = useNodeFiles(id)
  const texts = useNodeTexts(id)
  const upload = data.shape.widgets.find((widget) => widget.input.settings.image_upload && !widget.linked)
  return (
    <div
      className="absolute inset-x-3 overflow-hidden rounded-control bg-[#8882]"
      style={{ top: box.y + 2, height: box.height - 2 }}
    >
      {preview ? (
        <img src={preview} alt={t('Preview')} draggable={false} className="size-full object-contain" />
      ) : files.length > 0 ? (
        <Files files={files} />
      ) : texts.length > 0 ? (
        <pre className="nowheel nodrag size-full overflow-auto p-2 font-sans text-label break-words whitespace-pre-wrap select-text">
          {texts.join('\n')}
        </pre>
      ) : upload ? (
        <InputPicture id={id} data={data} name={upload.name} />
      ) : null}
    </div>
  )
}

function InputPicture({ id, data, name }: { id: string; data: NodeData; name: string }) {
  const box = data.shape.widgets.find((widget) => widget.name === name)!
  const value = useValue(id, box, data.definition)
  if (typeof value !== 'string' || value === '')
    return (
      <p className="flex size-full items-center justify-center text-label text-faint">
        {t('No picture chosen')}
      </p>
    )
  return <Picture key={value} url={fileUrl(fileOfInput(value))} name={value} />
}

function Picture({ url, name }: { url: string; name: string }) {
  const [lost, setLost] = useState(false)
  if (lost)
    return (
      <p className="flex size-full flex-col items-center justify-center gap-1 px-3 text-center text-label text-muted">
        <ImageOff size={16} aria-hidden="true" />
        {t('{{name}} is not on the server', { name })}
      </p>
    )
  return (
    <img
      src={url}
      alt={name}
      draggable={false}
      decoding="async"
      loading="lazy"
      className="size-full object-contain"
      onError={() => setLost(true)}
    />
  )
}

const isVideo = (file: SavedFile): boolean => /\.(mp4|webm|mov|mkv)$/i.test(file.filename)
const isAudio = (file: SavedFile): boolean => /\.(mp3|wav|flac|ogg|opus|m4a)$/i.test(file.filename)
const MOST = 16

function Files({ files }: { files: SavedFile[] }) {
  const pair = pairOf(files)
  if (pair) return <ComparedMedia pair={pair} />
  const shown = files.slice(0, MOST)
  const across = Math.ceil(Math.sqrt(shown.length))
  return (
    <div
      className="grid size-full gap-0.5"
      style={{ gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))`, gridAutoRows: 'minmax(0, 1fr)' }}
    >
      {shown.map((file) => {
        const url = fileUrl(file)
        if (isVideo(file))
          return <video key={url} src={url} controls loop muted className="nodrag size-full object-contain" />
        if (isAudio(file))
          return (
            // biome-ignore lint/a11y/useMediaCaption: what a graph makes has no captions.
            <audio key={url} src={url} controls className="nodrag w-full self-center" />
          )
        return <Picture key={url} url={url} name={file.filename} />
      })}
    </div>
  )
}

/** What a node gave last, in a list. */
export function NodeFiles({ id }: { id: string }) {
  const preview = useNodePreview(id)
  const files = useNodeFiles(id)
  if (!preview && files.length === 0) return null
  return (
    <div className="h-64 overflow-hidden rounded-control bg-[#8882]">
      {preview ? (
        <img src={preview} alt={t('Preview')} className="size-full object-contain" />
      ) : (
        <Files files={files} />
      )}
    </div>
  )
}
