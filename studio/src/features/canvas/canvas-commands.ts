/** Keys of the canvas. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { type Command, useCommands } from '@/app/commands'
import { t } from '@/i18n/text'
import { chooseApp, usualSource } from './apps/app-source'
import {
  chooseMask,
  clearLayer,
  deleteLayer,
  invertMask,
  maskFromSelection,
  mergeDown,
} from './layers/layer-actions'
import { openPictures } from './layers/pictures'
import type { CanvasStage } from './stage/stage'
import { stagingOf } from './staging/staging'
import { starResult } from './staging/star'
import { shiftLayer } from './state/canvas-document'
import { chooseTool, holdTool, releaseTool, setBrush, stepBrush, useCanvasStore } from './state/canvas-store'
import { selectAll } from './state/selection-actions'
import type { CanvasSession } from './state/session'
import { tools } from './toolbox/tool'
import { resetColours, swapColours } from './toolbox/tool-column'

/** Tools that are held: let go, and the one before is in the hand again. */
const HELD = 350

export function useCanvasCommands(
  session: CanvasSession,
  stage: CanvasStage | null,
  togglePanels: () => void,
): void {
  const staging = stagingOf(session)
  const staged = useStore(staging.state, (state) => state.box !== null)
  // What comes first counts: while results are staged, some keys are theirs.
  useCommands(
    useMemo(
      () => [
        ...(staged ? stagingCommands(session) : []),
        ...toolCommands(),
        ...paintCommands(session),
        ...layerCommands(session),
        ...viewCommands(stage, togglePanels),
        ...decideCommands(session, stage),
      ],
      [session, stage, staged, togglePanels],
    ),
  )
}

/** When the key was pressed or let go, even if the page was busy since. */
const when = (): number => window.event?.timeStamp ?? performance.now()

/** A tool by its key: pressed, it stays; held, it goes when the key is let go. */
function toolCommands(): Command[] {
  const group = t('Tools')
  let pressed = 0
  const own = tools.map(
    (tool): Command => ({
      id: `canvas.tool.${tool.id}`,
      label: tool.label(),
      keys: tool.keys,
      group,
      run: () => {
        pressed = when()
        holdTool(tool.id)
      },
      release: () => {
        if (when() - pressed > HELD) releaseTool()
      },
    }),
  )
  return [
    ...own,
    {
      id: 'canvas.hand.held',
      label: t('Hand, while it is held'),
      keys: ' ',
      group,
      hidden: true,
      run: () => holdTool('hand'),
      release: releaseTool,
    },
  ]
}

function paintCommands(session: CanvasSession): Command[] {
  const group = t('Painting')
  const harder = (by: number) => () => {
    const { hardness } = useCanvasStore.getState().brush
    setBrush({ hardness: Math.round(Math.min(1, Math.max(0, hardness + by)) * 100) / 100 })
  }
  return [
    { id: 'canvas.smaller', label: t('Smaller brush'), keys: '[', group, run: () => stepBrush(-1) },
    { id: 'canvas.larger', label: t('Larger brush'), keys: ']', group, run: () => stepBrush(1) },
    { id: 'canvas.softer', label: t('Softer brush'), keys: '{', group, run: harder(-0.1) },
    { id: 'canvas.harder', label: t('Harder brush'), keys: '}', group, run: harder(0.1) },
    { id: 'canvas.swap', label: t('Swap colours'), keys: 'x', group, run: swapColours },
    { id: 'canvas.reset', label: t('Black and white'), keys: 'd', group, run: resetColours },
    {
      id: 'canvas.select.all',
      label: t('Select the whole box'),
      keys: 'Mod+A',
      group,
      run: () => selectAll(session),
    },
    {
      id: 'canvas.select.none',
      label: t('Select nothing'),
      keys: 'Mod+D',
      group,
      run: () => session.state.setState({ selection: null }),
    },
    {
      id: 'canvas.app',
      label: t('Run an app on this…'),
      group,
      run: () => chooseApp(usualSource(session)),
    },
    { id: 'canvas.mask', label: t('Mask from selection'), group, run: () => maskFromSelection(session) },
  ]
}

function layerCommands(session: CanvasSession): Command[] {
  const group = t('Layers')
  const active = () => session.state.getState().active
  const shift = (by: number) => () =>
    session.change(t('Move layer'), (canvas) => shiftLayer(canvas, active(), by))
  const next = (by: number) => () => {
    const { layers } = session.canvas
    const at = layers.findIndex((layer) => layer.id === active())
    const beside = layers[Math.min(layers.length - 1, Math.max(0, at + by))]
    if (beside) session.activate(beside.id)
  }
  return [
    { id: 'canvas.open', label: t('Open a picture as layer'), group, run: () => openPictures(session) },
    {
      id: 'canvas.layer',
      label: t('New layer'),
      keys: 'Mod+Shift+N',
      group,
      run: () => void session.add('raster', t('New layer')),
    },
    {
      id: 'canvas.mask.new',
      label: t('New mask'),
      group,
      run: () => void session.add('mask', t('New mask')),
    },
    { id: 'canvas.up', label: t('Move layer up'), keys: 'Alt+ArrowUp', group, run: shift(1) },
    { id: 'canvas.down', label: t('Move layer down'), keys: 'Alt+ArrowDown', group, run: shift(-1) },
    { id: 'canvas.next', label: t('Next layer'), keys: 'Alt+]', group, run: next(1) },
    { id: 'canvas.previous', label: t('Layer below'), keys: 'Alt+[', group, run: next(-1) },
    {
      id: 'canvas.merge',
      label: t('Merge down'),
      keys: 'Mod+E',
      group,
      run: () => mergeDown(session, active()),
    },
    { id: 'canvas.invert', label: t('Invert mask'), keys: 'Shift+V', group, run: () => invertMask(session) },
    { id: 'canvas.q', label: t('Last mask or layer'), keys: 'q', group, run: () => swapMask(session) },
    { id: 'canvas.delete', label: t('Delete layer'), group, run: () => deleteLayer(session, active()) },
  ]
}

/** From a layer to the mask that was last in use, and back; the first time it makes one. */
function swapMask(session: CanvasSession): void {
  const { active } = session
  if (active?.kind !== 'mask') {
    chooseMask(session)
    if (!['brush', 'eraser', 'lasso', 'rectangle'].includes(useCanvasStore.getState().tool))
      chooseTool('brush')
    return
  }
  const back = session.canvas.layers.findLast((layer) => layer.kind === 'raster')
  if (back) session.activate(back.id)
}

function viewCommands(stage: CanvasStage | null, togglePanels: () => void): Command[] {
  const group = t('View')
  return [
    { id: 'canvas.fit', label: t('Fit'), keys: 'Mod+0', group, run: () => stage?.fit() },
    { id: 'canvas.100', label: t('100 %'), keys: 'Mod+1', group, run: () => stage?.zoomTo(1) },
    { id: 'canvas.200', label: t('200 %'), keys: 'Mod+2', group, run: () => stage?.zoomTo(2) },
    { id: 'canvas.panels', label: t('Show or hide panels'), keys: 'f', group, run: togglePanels },
  ]
}

/** Enter, Esc and Delete: the tool's, then the selection's. */
function decideCommands(session: CanvasSession, stage: CanvasStage | null): Command[] {
  const group = t('Painting')
  return [
    {
      id: 'canvas.accept',
      label: t('Finish what the tool began'),
      keys: 'Enter',
      group,
      hidden: true,
      run: () => void stage?.tool.accept?.(stage),
    },
    {
      id: 'canvas.cancel',
      label: t('Cancel, or select nothing'),
      keys: 'Escape',
      group,
      hidden: true,
      run: () => {
        if (stage) stage.tool.cancel?.(stage)
        session.state.setState({ selection: null })
      },
    },
    {
      id: 'canvas.clear',
      label: t('Clear layer or selection'),
      keys: 'Delete',
      group,
      run: () => clearLayer(session),
    },
    {
      id: 'canvas.clear.back',
      label: t('Clear layer or selection'),
      keys: 'Backspace',
      group,
      hidden: true,
      run: () => clearLayer(session),
    },
  ]
}

function stagingCommands(session: CanvasSession): Command[] {
  const group = t('Results')
  const staging = stagingOf(session)
  return [
    {
      id: 'staging.accept',
      label: t('Accept as new layer'),
      keys: 'Enter',
      group,
      run: () => void staging.accept(),
    },
    {
      id: 'staging.into',
      label: t('Accept into the layer'),
      keys: 'Shift+Enter',
      group,
      run: () => void staging.acceptIntoLayer(),
    },
    {
      id: 'staging.discard',
      label: t('Discard this result'),
      keys: 'Delete',
      group,
      run: () => staging.discard(),
    },
    {
      id: 'staging.all',
      label: t('Discard all results'),
      keys: 'Escape',
      group,
      run: () => staging.discardAll(),
    },
    {
      id: 'staging.star',
      label: t('Star it in the gallery'),
      keys: 's',
      group,
      run: () => void starResult(staging),
    },
    { id: 'staging.next', label: t('Next result'), keys: 'ArrowRight', group, run: () => staging.step(1) },
    {
      id: 'staging.previous',
      label: t('Previous result'),
      keys: 'ArrowLeft',
      group,
      run: () => staging.step(-1),
    },
    {
      id: 'staging.before',
      label: t('Before, while it is held'),
      keys: ' ',
      group,
      run: () => staging.showBefore(true),
      release: () => staging.showBefore(false),
    },
  ]
}
