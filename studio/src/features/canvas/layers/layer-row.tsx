import { Ellipsis, Eye, EyeOff, Lock, LockOpen } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Input } from '@/ui/input'
import { ContextMenu, Menu } from '@/ui/menu'
import { type LayerRecord, placeLayer } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { layerEntries } from './layer-menu'
import { LayerThumbnail } from './layer-thumbnail'

const TYPE = 'application/x-limner-layer'

/** One layer in the list: choose, show, lock, rename, drag to another place. */
export function LayerRow({ session, layer }: { session: CanvasSession; layer: LayerRecord }) {
  const active = useStore(session.state, (state) => state.active === layer.id)
  const [renaming, setRenaming] = useState(false)
  const [edge, setEdge] = useState<'' | 'above' | 'below'>('')
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(TYPE)) return
    event.preventDefault()
    const { top, height } = event.currentTarget.getBoundingClientRect()
    setEdge(event.clientY < top + height / 2 ? 'above' : 'below')
  }
  const drop = (event: DragEvent) => {
    const id = event.dataTransfer.getData(TYPE)
    const above = edge === 'above'
    setEdge('')
    if (id) session.change(t('Move layer'), (canvas) => placeLayer(canvas, id, layer.id, above))
  }
  const entries = layerEntries(session, layer, () => setRenaming(true))
  return (
    <ContextMenu entries={entries}>
      <li
        draggable={!renaming}
        onDragStart={(event) => event.dataTransfer.setData(TYPE, layer.id)}
        onDragOver={over}
        onDragLeave={() => setEdge('')}
        onDrop={drop}
        className={classes(
          'group relative flex h-12 items-center gap-1 rounded-control ps-1 pe-0.5',
          active ? 'bg-accent-soft' : 'hover:bg-hover',
          edge === 'above' && 'shadow-[0_-2px_0_var(--accent)]',
          edge === 'below' && 'shadow-[0_2px_0_var(--accent)]',
        )}
      >
        {renaming ? (
          <Rename session={session} layer={layer} onEnd={() => setRenaming(false)} />
        ) : (
          <button
            type="button"
            aria-current={active || undefined}
            onClick={() => session.activate(layer.id)}
            onDoubleClick={() => setRenaming(true)}
            className={classes(
              'flex h-full min-w-0 flex-1 items-center gap-2 rounded-control text-start outline-offset-[-2px]',
              !layer.visible && 'opacity-50',
            )}
          >
            <LayerThumbnail session={session} layer={layer} />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-body">{layer.name}</span>
              <Quiet layer={layer} />
            </span>
          </button>
        )}
        <Switches session={session} layer={layer} />
        <Menu
          align="end"
          entries={entries}
          trigger={
            <IconButton
              label={t('More for “{{name}}”', { name: layer.name })}
              small
              className="!size-6 pointer-coarse:!size-9"
            >
              <Ellipsis size={14} aria-hidden="true" />
            </IconButton>
          }
        />
      </li>
    </ContextMenu>
  )
}

/** The second line: what is not as usual. */
function Quiet({ layer }: { layer: LayerRecord }) {
  const parts = [
    layer.opacity < 1 ? `${Math.round(layer.opacity * 100)} %` : '',
    layer.kind === 'region' ? layer.prompt || t('No prompt yet') : '',
    layer.kind === 'control' ? layer.control?.model || t('No control model yet') : '',
  ].filter(Boolean)
  return parts.length > 0 ? (
    <span className="block truncate text-caption text-muted">{parts.join(' · ')}</span>
  ) : null
}

function Switches({ session, layer }: { session: CanvasSession; layer: LayerRecord }) {
  const set = (label: string, change: Partial<LayerRecord>) => session.changeLayer(layer.id, label, change)
  return (
    <>
      <IconButton
        label={
          layer.locked
            ? t('Unlock “{{name}}”', { name: layer.name })
            : t('Lock “{{name}}”', { name: layer.name })
        }
        small
        onClick={() => set(layer.locked ? t('Unlock layer') : t('Lock layer'), { locked: !layer.locked })}
        className={classes(
          '!size-6 pointer-coarse:!size-9',
          !layer.locked &&
            'opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100',
        )}
      >
        {layer.locked ? <Lock size={14} aria-hidden="true" /> : <LockOpen size={14} aria-hidden="true" />}
      </IconButton>
      <IconButton
        label={
          layer.visible
            ? t('Hide “{{name}}”', { name: layer.name })
            : t('Show “{{name}}”', { name: layer.name })
        }
        small
        onClick={() => set(layer.visible ? t('Hide layer') : t('Show layer'), { visible: !layer.visible })}
        className="!size-6 pointer-coarse:!size-9"
      >
        {layer.visible ? <Eye size={14} aria-hidden="true" /> : <EyeOff size={14} aria-hidden="true" />}
      </IconButton>
    </>
  )
}

function Rename({
  session,
  layer,
  onEnd,
}: {
  session: CanvasSession
  layer: LayerRecord
  onEnd: () => void
}) {
  const [name, setName] = useState(layer.name)
  const take = () => {
    if (name.trim() && name !== layer.name)
      session.changeLayer(layer.id, t('Rename layer'), { name: name.trim() })
    onEnd()
  }
  return (
    <Input
      autoFocus
      aria-label={t('Name of the layer')}
      value={name}
      onChange={setName}
      onFocus={(event) => event.target.select()}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
        if (event.key === 'Escape') onEnd()
      }}
    />
  )
}
