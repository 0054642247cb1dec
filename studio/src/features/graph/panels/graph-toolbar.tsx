import { useQuery } from '@tanstack/react-query'
import {
  ChevronRight,
  CircleAlert,
  CircleHelp,
  Maximize,
  Minus,
  PanelLeft,
  Plus,
  Redo2,
  Settings2,
  Undo2,
} from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { redo, undo, useDocuments } from '@/app/documents'
import { sendTo } from '@/app/intents'
import { save } from '@/app/saving'
import { t } from '@/i18n/text'
import { besideStudio } from '@/net/beside'
import { Button, IconButton } from '@/ui/button'
import { Menu } from '@/ui/menu'
import { shownZoom, watchZoom } from '../canvas/detail'
import { fitView, flowElement, zoomBy, zoomTo } from '../canvas/flow-instance'
import { openAdding } from '../canvas/flow-menus'
import { arrange } from '../editing/actions'
import { toggleProblems, useProblemFocus } from '../problems/problem-focus'
import { useProblems } from '../problems/problems'
import { enter } from '../state/graph-store'
import { setPanels, usePanels } from '../state/panels'
import { bodyAt, nodesById, useScope } from '../state/scope'

const ICON = { size: 16, strokeWidth: 1.5 }

/** Above the graph: what is added, where one is, how it is seen. */
export function GraphToolbar() {
  const scope = useScope()
  const { left, help } = usePanels()
  return (
    <div
      className="flex h-11 shrink-0 items-center gap-1 border-b bg-surface px-2"
      role="toolbar"
      aria-label={t('Graph tools')}
    >
      <IconButton
        label={t('Outline and nodes')}
        small
        pressed={left}
        onClick={() => setPanels({ left: !left, hidden: false })}
      >
        <PanelLeft {...ICON} />
      </IconButton>
      <Button small icon={<Plus size={14} />} onClick={addInTheMiddle}>
        {t('Add node')}
      </Button>
      <UndoButtons document={scope.document} />
      <Breadcrumbs />
      <div className="ms-auto flex items-center gap-1">
        <ProblemsButton />
        <ViewMenu />
        <ZoomButtons />
        <IconButton
          label={t('Help for the selected node')}
          small
          pressed={help}
          onClick={() => setPanels({ help: !help, hidden: false })}
        >
          <CircleHelp {...ICON} />
        </IconButton>
      </div>
    </div>
  )
}

/** Opens the search where one looks. */
export function addInTheMiddle(): void {
  const box = flowElement()?.getBoundingClientRect()
  if (box) openAdding([box.x + box.width / 2 - 260, box.y + Math.min(160, box.height / 4)])
}

function UndoButtons({ document }: { document: string }) {
  const past = useDocuments((state) => state.open[document]?.past.at(-1)?.label)
  const future = useDocuments((state) => state.open[document]?.future.at(-1)?.label)
  return (
    <span className="flex max-md:hidden">
      <IconButton
        label={past ? t('Undo: {{what}}', { what: past }) : t('Undo')}
        keys="Mod+Z"
        small
        disabled={!past}
        onClick={() => undo(document)}
      >
        <Undo2 {...ICON} />
      </IconButton>
      <IconButton
        label={future ? t('Redo: {{what}}', { what: future }) : t('Redo')}
        keys="Mod+Shift+Z"
        small
        disabled={!future}
        onClick={() => redo(document)}
      >
        <Redo2 {...ICON} />
      </IconButton>
    </span>
  )
}

/** The way into the subgraph that is shown. */
function Breadcrumbs() {
  const scope = useScope()
  const title = useDocuments((state) => state.open[scope.document]?.title) ?? ''
  const names = useDocuments((state) => {
    const workflow = state.open[scope.document]?.workflow
    return scope.path
      .map((id, at) => {
        const body = bodyAt(workflow, scope.path.slice(0, at))
        const node = body && nodesById(body.nodes).get(id)
        const inner = bodyAt(workflow, scope.path.slice(0, at + 1)) as { name?: string } | undefined
        return node?.title || inner?.name || id
      })
      .join('\n')
  })
  if (scope.path.length === 0) return null
  const steps = [title, ...names.split('\n')]
  return (
    <nav aria-label={t('Subgraphs')} className="ms-2 flex min-w-0 items-center gap-0.5 text-body">
      {steps.map((name, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the way.
        <span key={at} className="flex min-w-0 items-center gap-0.5">
          {at > 0 ? (
            <ChevronRight size={14} className="shrink-0 text-faint rtl:-scale-x-100" aria-hidden="true" />
          ) : null}
          {at === steps.length - 1 ? (
            <span aria-current="page" className="truncate px-1 font-medium">
              {name}
            </span>
          ) : (
            <button
              type="button"
              className="truncate rounded-small px-1 text-muted hover:bg-hover hover:text-text"
              onClick={() => enter(scope.document, scope.path.slice(0, at))}
            >
              {name}
            </button>
          )}
        </span>
      ))}
    </nav>
  )
}

function ProblemsButton() {
  const problems = useProblems()
  const open = useProblemFocus((state) => state.open)
  if (problems.length === 0 && !open) return null
  return (
    <Button
      small
      look="quiet"
      aria-pressed={open}
      onClick={() => toggleProblems()}
      icon={<CircleAlert size={14} className="text-err" />}
    >
      {t('{{count}} problems', { count: problems.length })}
    </Button>
  )
}

function ViewMenu() {
  const classic = useClassicEditor()
  const { grid, snap, minimap, links } = usePanels()
  const scope = useScope()
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t('View')} small>
          <Settings2 {...ICON} />
        </IconButton>
      }
      entries={[
        { heading: t('Links') },
        { label: t('Curved'), checked: links === 'curved', onSelect: () => setPanels({ links: 'curved' }) },
        {
          label: t('Straight'),
          checked: links === 'straight',
          onSelect: () => setPanels({ links: 'straight' }),
        },
        { label: t('Hidden'), checked: links === 'hidden', onSelect: () => setPanels({ links: 'hidden' }) },
        'line',
        { label: t('Grid'), checked: grid, onSelect: () => setPanels({ grid: !grid }) },
        { label: t('Snap to the grid'), checked: snap, onSelect: () => setPanels({ snap: !snap }) },
        {
          label: t('Minimap'),
          keys: 'Alt+N',
          checked: minimap,
          onSelect: () => setPanels({ minimap: !minimap }),
        },
        'line',
        { label: t('Lay out'), onSelect: () => arrange(scope) },
        { label: t('Hide all panels'), keys: 'F', onSelect: () => setPanels({ hidden: true }) },
        'line',
        { label: t('Make an app'), onSelect: () => sendTo('apps', 'make-app', { document: scope.document }) },
        ...(classic
          ? [
              {
                label: t('Save and open in the classic editor'),
                onSelect: () => void save().then(() => window.open(classic, 'limner-classic')),
              },
            ]
          : []),
      ]}
    />
  )
}

/** Address of ComfyUI's own page; empty where it is not installed. */
function useClassicEditor(): string {
  const { data } = useQuery({
    queryKey: ['beside'],
    queryFn: besideStudio,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data?.classic ?? ''
}

function ZoomButtons() {
  const zoom = useSyncExternalStore(watchZoom, shownZoom)
  return (
    <span className="flex items-center">
      <span className="flex max-md:hidden">
        <IconButton label={t('Smaller')} small onClick={() => zoomBy(1 / 1.25)}>
          <Minus {...ICON} />
        </IconButton>
      </span>
      <button
        type="button"
        title={t('To 100 %')}
        aria-label={t('Zoom {{percent}} %, to 100 %', { percent: zoom })}
        onClick={() => zoomTo(1)}
        className="h-7 min-w-12 rounded-control text-label text-muted tabular hover:bg-hover hover:text-text"
      >
        {zoom} %
      </button>
      <span className="flex max-md:hidden">
        <IconButton label={t('Larger')} small onClick={() => zoomBy(1.25)}>
          <Plus {...ICON} />
        </IconButton>
      </span>
      <IconButton label={t('Fit')} keys="." small onClick={() => fitView()}>
        <Maximize {...ICON} />
      </IconButton>
    </span>
  )
}
