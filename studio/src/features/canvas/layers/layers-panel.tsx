import { CopyPlus, ImagePlus, Layers, Merge, Plus, Trash2 } from 'lucide-react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { Menu } from '@/ui/menu'
import { KINDS, type LayerKind, layerOf, useCanvas } from '../state/canvas-document'
import { chooseTool } from '../state/canvas-store'
import type { CanvasSession } from '../state/session'
import { deleteLayer, duplicateLayer, mergeDown } from './layer-actions'
import { LayerProperties } from './layer-properties'
import { LayerRow } from './layer-row'
import { openPictures } from './pictures'

const HEADINGS: Record<LayerKind, () => string> = {
  mask: () => t('Inpaint masks'),
  region: () => t('Regions'),
  control: () => t('Control'),
  reference: () => t('References'),
  raster: () => t('Picture layers'),
}

/** Layers by kind, the top one first; properties of the chosen one above, what makes and removes them below. */
export function LayersPanel({ session }: { session: CanvasSession }) {
  const layers = useCanvas(session.document, (canvas) => canvas.layers)
  const activeId = useStore(session.state, (state) => state.active)
  const active = useCanvas(session.document, (canvas) => layerOf(canvas, activeId))
  return (
    <div className="flex h-full flex-col">
      {active ? <LayerProperties session={session} layer={active} /> : null}
      <div className="min-h-0 flex-1 overflow-auto p-2">
        {layers.length === 0 ? (
          <EmptyState icon={<Layers strokeWidth={1.5} />} title={t('No layers yet')}>
            {t('A stroke makes the first one. Pictures that you drop become layers, too.')}
          </EmptyState>
        ) : null}
        {KINDS.map((kind) => {
          const own = layers.filter((layer) => layer.kind === kind).reverse()
          return own.length > 0 ? (
            <section key={kind} aria-label={HEADINGS[kind]()} className="mb-3">
              <h2 className="mb-1 px-1 text-label font-medium text-muted">{HEADINGS[kind]()}</h2>
              <ul className="flex flex-col gap-0.5">
                {own.map((layer) => (
                  <LayerRow key={layer.id} session={session} layer={layer} />
                ))}
              </ul>
            </section>
          ) : null
        })}
      </div>
      <Foot session={session} active={activeId} />
    </div>
  )
}

function Foot({ session, active }: { session: CanvasSession; active: string }) {
  const add = (kind: LayerKind, label: string, tool = '') => {
    session.add(kind, label)
    if (tool) chooseTool(tool)
  }
  return (
    <div className="flex shrink-0 items-center gap-0.5 border-t p-1">
      <Menu
        trigger={
          <IconButton label={t('Add a layer')}>
            <Plus size={16} aria-hidden="true" />
          </IconButton>
        }
        entries={[
          { label: t('Picture layer'), onSelect: () => add('raster', t('New layer')) },
          { label: t('Inpaint mask'), onSelect: () => add('mask', t('New mask'), 'brush') },
          { label: t('Region with its own prompt'), onSelect: () => add('region', t('New region'), 'brush') },
          { label: t('Control layer'), onSelect: () => add('control', t('New control layer'), 'brush') },
          'line',
          { label: t('Picture from file…'), onSelect: () => openPictures(session) },
          { label: t('Reference from file…'), onSelect: () => openPictures(session, 'reference') },
          { label: t('Control from file…'), onSelect: () => openPictures(session, 'control') },
          { label: t('Mask from file…'), onSelect: () => openPictures(session, 'mask') },
        ]}
      />
      <IconButton label={t('Open a picture as layer')} onClick={() => openPictures(session)}>
        <ImagePlus size={16} aria-hidden="true" />
      </IconButton>
      <span className="flex-1" />
      <IconButton
        label={t('Duplicate layer')}
        disabled={!active}
        onClick={() => duplicateLayer(session, active)}
      >
        <CopyPlus size={16} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={t('Merge down')}
        keys="Mod+E"
        disabled={!active}
        onClick={() => mergeDown(session, active)}
      >
        <Merge size={16} className="rotate-180" aria-hidden="true" />
      </IconButton>
      <IconButton label={t('Delete layer')} disabled={!active} onClick={() => deleteLayer(session, active)}>
        <Trash2 size={16} aria-hidden="true" />
      </IconButton>
    </div>
  )
}
