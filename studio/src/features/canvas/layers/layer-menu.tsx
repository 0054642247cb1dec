import {
  ArrowDown,
  ArrowUp,
  ClipboardPaste,
  CopyPlus,
  Eraser,
  LayoutGrid,
  Merge,
  PaintBucket,
  Pencil,
  SquareDashed,
  Trash2,
} from 'lucide-react'
import { useStore } from 'zustand'
import { t } from '@/i18n/text'
import type { MenuEntry } from '@/ui/menu'
import { chooseApp, rectOfSource, usualSource } from '../apps/app-source'
import { fitBox } from '../box/box-actions'
import { type LayerRecord, layerOf, shiftLayer, useCanvas } from '../state/canvas-document'
import { isMoveOnly } from '../state/geometry'
import type { CanvasSession } from '../state/session'
import {
  bakeMatrix,
  clearLayer,
  deleteLayer,
  duplicateLayer,
  invertMask,
  layerBelow,
  maskFromSelection,
  mergeDown,
} from './layer-actions'

/** What can be done with a layer: the same list in its menu, by right-click and on the picture. */
export function layerEntries(session: CanvasSession, layer: LayerRecord, rename?: () => void): MenuEntry[] {
  const { id } = layer
  const shift = (by: number) => session.change(t('Move layer'), (canvas) => shiftLayer(canvas, id, by))
  const peers = session.canvas.layers.filter((other) => other.kind === layer.kind)
  return [
    ...(rename ? [{ label: t('Rename'), icon: <Pencil size={14} />, onSelect: rename }] : []),
    { label: t('Duplicate'), icon: <CopyPlus size={14} />, onSelect: () => duplicateLayer(session, id) },
    {
      label: t('Merge down'),
      icon: <Merge size={14} className="rotate-180" />,
      keys: 'Mod+E',
      disabled: !layerBelow(session, id),
      onSelect: () => mergeDown(session, id),
    },
    {
      label: t('Move up'),
      icon: <ArrowUp size={14} />,
      keys: 'Alt+ArrowUp',
      disabled: peers.at(-1)?.id === id,
      onSelect: () => shift(1),
    },
    {
      label: t('Move down'),
      icon: <ArrowDown size={14} />,
      keys: 'Alt+ArrowDown',
      disabled: peers[0]?.id === id,
      onSelect: () => shift(-1),
    },
    ...kindEntries(session, layer),
    ...(layer.kind === 'mask' || layer.kind === 'region'
      ? []
      : [
          {
            label: t('Run an app on it…'),
            icon: <LayoutGrid size={14} />,
            onSelect: () => {
              session.activate(id)
              chooseApp('layer')
            },
          },
        ]),
    'line',
    {
      label: t('Delete layer'),
      icon: <Trash2 size={14} />,
      danger: true,
      disabled: layer.locked,
      onSelect: () => deleteLayer(session, id),
    },
  ]
}

function kindEntries(session: CanvasSession, layer: LayerRecord): MenuEntry[] {
  const entries: MenuEntry[] = [
    {
      label: t('Fit the box to it'),
      icon: <SquareDashed size={14} />,
      onSelect: () => fitBox(session, 'layer', layer.id),
    },
  ]
  if (layer.kind === 'mask')
    entries.push({
      label: t('Invert mask'),
      keys: 'Shift+V',
      onSelect: () => {
        session.activate(layer.id)
        invertMask(session)
      },
    })
  if (!isMoveOnly(layer.matrix))
    entries.push({ label: t('Apply transform'), onSelect: () => void bakeMatrix(session, layer) })
  if (layer.kind === 'raster') {
    entries.push({
      label: t('Use as control'),
      onSelect: () => turnInto(session, layer.id, 'control'),
    })
    entries.push({ label: t('Use as reference'), onSelect: () => turnInto(session, layer.id, 'reference') })
  }
  if (layer.kind === 'control' || layer.kind === 'reference')
    entries.push({ label: t('Use as picture'), onSelect: () => turnInto(session, layer.id, 'raster') })
  return entries
}

function turnInto(session: CanvasSession, id: string, kind: LayerRecord['kind']): void {
  session.change(t('Change what a layer is for'), (canvas) => {
    const layer = layerOf(canvas, id)
    if (!layer) return
    layer.kind = kind
    if (kind === 'control') layer.control ??= { model: '', strength: 1, start: 0, end: 1 }
  })
}

/** The menu on the picture: selection first, then the active layer. */
export function useLayerMenu(session: CanvasSession): MenuEntry[] {
  const active = useStore(session.state, (state) => state.active)
  const selected = useStore(session.state, (state) => state.selection !== null)
  const layer = useCanvas(session.document, (canvas) => layerOf(canvas, active))
  return [
    {
      label: selected ? t('Mask from selection') : t('Mask the whole box'),
      icon: <PaintBucket size={14} />,
      onSelect: () => maskFromSelection(session),
    },
    {
      label: selected ? t('Run an app on the selection…') : t('Run an app on what is visible…'),
      icon: <LayoutGrid size={14} />,
      disabled: rectOfSource(session, usualSource(session)) === null,
      onSelect: () => chooseApp(usualSource(session)),
    },
    ...(selected
      ? [
          {
            label: t('Clear what is selected'),
            icon: <Eraser size={14} />,
            keys: 'Delete',
            onSelect: () => clearLayer(session),
          },
          {
            label: t('Select nothing'),
            icon: <ClipboardPaste size={14} />,
            keys: 'Escape',
            onSelect: () => session.state.setState({ selection: null }),
          },
        ]
      : []),
    ...(layer ? (['line', { heading: layer.name }, ...layerEntries(session, layer)] as MenuEntry[]) : []),
  ]
}
