import type { NodeProps } from '@xyflow/react'
import { StickyNote } from 'lucide-react'
import { memo, useState } from 'react'
import { t } from '@/i18n/text'
import { useDetail } from '../canvas/detail'
import type { FlowNode, NodeData } from '../state/elements'
import { HEADER } from '../state/geometry'
import { useGraph } from '../state/graph-store'
import { useNode } from '../state/scope'
import { bodyTint, headTint } from '../state/tints'
import { useValue, useWriter } from '../state/values'
import { farTitle } from './far-title'
import { Markdown } from './markdown'

/** A note: its text as Markdown; a double click writes in it. */
export const NoteView = memo(function NoteView({ id, data }: NodeProps<FlowNode>) {
  const { shape, definition } = data as NodeData
  const box = shape.widgets[0]
  const detail = useDetail()
  const far = detail !== 'near'
  const [writing, setWriting] = useState(false)
  const title = useNode(id, (node) => node.title || t('Note')) ?? ''
  const colour = useNode(id, (node) => node.color || '#432') ?? ''
  const ground = useNode(id, (node) => node.bgcolor || '#653') ?? ''
  const isCurrent = useGraph((state) => state.current === id)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of a graph is no fieldset.
    <div
      className={far ? 'graph-node graph-far' : 'graph-node'}
      role="group"
      tabIndex={isCurrent ? 0 : -1}
      aria-label={t('Note: {{title}}', { title })}
      data-node={id}
      style={{ '--tint': headTint(colour), '--body': bodyTint(ground) } as React.CSSProperties}
    >
      {far ? (
        <span className="graph-title">{farTitle(title, shape.width, detail)}</span>
      ) : (
        <header className="graph-head">
          <StickyNote size={13} className="shrink-0 text-muted" aria-hidden="true" />
          <span className="graph-title">{title}</span>
        </header>
      )}
      {box && !shape.collapsed ? (
        <NoteText
          id={id}
          box={box}
          definition={definition}
          far={far}
          writing={writing}
          setWriting={setWriting}
        />
      ) : null}
    </div>
  )
})

interface NoteTextProps {
  id: string
  box: NodeData['shape']['widgets'][number]
  definition: NodeData['definition']
  far: boolean
  writing: boolean
  setWriting: (on: boolean) => void
}

function NoteText({ id, box, definition, far, writing, setWriting }: NoteTextProps) {
  const value = useValue(id, box, definition)
  const write = useWriter(id, box, definition)
  const text = typeof value === 'string' ? value : ''
  const place = { top: HEADER + 4, bottom: 6 }
  if (far) return null
  if (writing)
    return (
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked to write here.
        autoFocus
        value={text}
        aria-label={t('Text of the note')}
        className="graph-area nodrag nopan nowheel absolute !h-auto inset-x-2 !w-auto"
        style={place}
        onChange={(event) => write(event.target.value)}
        onBlur={() => setWriting(false)}
        onKeyDown={(event) => event.key === 'Escape' && setWriting(false)}
      />
    )
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: writing is in the outline too, by keyboard.
    <div
      className="nowheel absolute inset-x-2 overflow-auto px-1 text-label leading-[18px] break-words"
      style={place}
      onDoubleClick={(event) => {
        event.stopPropagation()
        setWriting(true)
      }}
    >
      {text ? <Markdown text={text} /> : <span className="text-faint">{t('Double-click to write')}</span>}
    </div>
  )
}
