import { Layers, LayoutGrid, Redo2, SlidersHorizontal, Undo2 } from 'lucide-react'
import { useStore } from 'zustand'
import { redo, undo, useDocuments } from '@/app/documents'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { chooseApp, usualSource } from '../apps/app-source'
import { ProjectMenu } from '../project/project-menu'
import { ModeChip } from '../running/mode-chip'
import { type CanvasStage, viewOf } from '../stage/stage'
import { useCanvasStore } from '../state/canvas-store'
import type { CanvasSession } from '../state/session'
import { toolOf } from './tool'
import { ToolOptions } from './tool-options'

interface Props {
  session: CanvasSession
  stage: CanvasStage | null
  /** Opens a panel as a sheet, where it is not docked. */
  onSettings?: () => void
  onLayers?: () => void
}

/** Above the picture: what the tool in the hand can be set to, undo, zoom, and what a run will do. */
export function OptionsBar({ session, stage, onSettings, onLayers }: Props) {
  const tool = toolOf(useCanvasStore((state) => state.tool))
  return (
    <div className="flex h-11 shrink-0 items-center gap-1 border-b bg-surface px-2 pointer-coarse:h-14">
      {onSettings ? (
        <IconButton label={t('Settings')} onClick={onSettings}>
          <SlidersHorizontal size={16} aria-hidden="true" />
        </IconButton>
      ) : null}
      <UndoButtons document={session.document} />
      <span aria-hidden="true" className="mx-1 h-5 w-px shrink-0 bg-line" />
      <fieldset
        aria-label={t('Options of the tool: {{tool}}', { tool: tool.label() })}
        className="@container flex min-w-0 flex-1 self-stretch items-center px-1 gap-3 overflow-x-auto overflow-y-hidden [scrollbar-width:none]"
      >
        <ToolOptions session={session} stage={stage} tool={tool} />
      </fieldset>
      {stage ? <Zoom session={session} stage={stage} /> : null}
      <span className="max-md:hidden">
        <ProjectMenu session={session} stage={stage} />
      </span>
      <span className="flex items-center gap-1 max-sm:hidden">
        <IconButton label={t('Run an app on this…')} onClick={() => chooseApp(usualSource(session))}>
          <LayoutGrid size={16} aria-hidden="true" />
        </IconButton>
        <ModeChip session={session} />
      </span>
      {onLayers ? (
        <IconButton label={t('Layers')} onClick={onLayers}>
          <Layers size={16} aria-hidden="true" />
        </IconButton>
      ) : null}
    </div>
  )
}

function UndoButtons({ document }: { document: string }) {
  const past = useDocuments((state) => state.open[document]?.past.at(-1)?.label ?? '')
  const future = useDocuments((state) => state.open[document]?.future.at(-1)?.label ?? '')
  return (
    <>
      <IconButton
        label={past ? t('Undo: {{what}}', { what: past }) : t('Undo')}
        keys="Mod+Z"
        disabled={!past}
        onClick={() => undo(document)}
      >
        <Undo2 size={16} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={future ? t('Redo: {{what}}', { what: future }) : t('Redo')}
        keys="Mod+Shift+Z"
        disabled={!future}
        onClick={() => redo(document)}
      >
        <Redo2 size={16} aria-hidden="true" />
      </IconButton>
    </>
  )
}

function Zoom({ session, stage }: { session: CanvasSession; stage: CanvasStage }) {
  const scale = useStore(viewOf(session), (view) => view.scale)
  return (
    <Menu
      align="end"
      entries={[
        { label: t('Fit'), keys: 'Mod+0', onSelect: () => stage.fit() },
        { label: t('Fit the box'), onSelect: () => stage.fit(stage.box) },
        'line',
        { label: t('50 %'), onSelect: () => stage.zoomTo(0.5) },
        { label: t('100 %'), keys: 'Mod+1', onSelect: () => stage.zoomTo(1) },
        { label: t('200 %'), keys: 'Mod+2', onSelect: () => stage.zoomTo(2) },
        { label: t('400 %'), onSelect: () => stage.zoomTo(4) },
      ]}
      trigger={
        <button
          type="button"
          aria-label={t('Zoom: {{percent}} %', { percent: Math.round(scale * 100) })}
          className="h-8 w-16 shrink-0 rounded-control text-label tabular text-muted hover:bg-hover hover:text-text pointer-coarse:h-11 max-sm:hidden"
        >
          {Math.round(scale * 100)} %
        </button>
      }
    />
  )
}
