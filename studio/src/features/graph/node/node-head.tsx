import { Check, CircleAlert, Ellipsis, Layers, Pin, Recycle } from 'lucide-react'
import { useEffect, useState } from 'react'
import { givenName, SETTERS } from '@/doc/page-nodes'
import { shownDuration, t } from '@/i18n/text'
import type { Detail } from '../canvas/detail'
import { focusNode } from '../canvas/flow-instance'
import { renameValue } from '../editing/named-values'
import type { ShownRun } from '../running/node-run'
import type { NodeData } from '../state/elements'
import { showMenu, useGraph } from '../state/graph-store'
import { editNode, useNode, useScope } from '../state/scope'
import { farTitle } from './far-title'
import { nodeMenu } from './node-menu'

interface NodeHeadProps {
  id: string
  data: NodeData
  detail: Detail
  run: ShownRun
}

/** A node's header: title, how it runs, its menu. */
export function NodeHead({ id, data, detail, run }: NodeHeadProps) {
  const { title, mode, pinned } = data
  const isRenaming = useGraph((state) => state.renaming === id)
  const scope = useScope()
  if (detail !== 'near') return <FarHead title={farTitle(title, data.shape.width, detail)} run={run} />
  return (
    <header className="graph-head">
      {run.state === 'running' ? <Bar progress={run.progress} /> : null}
      {data.subgraph ? <Layers size={13} className="shrink-0 text-muted" aria-hidden="true" /> : null}
      {isRenaming ? (
        <TitleField id={id} title={title} />
      ) : (
        <span className="graph-title" title={title}>
          {title}
        </span>
      )}
      {mode ? <Mark>{mode === 'muted' ? t('muted') : t('bypassed')}</Mark> : null}
      {data.missing ? <Mark tone="text-err">{t('missing')}</Mark> : null}
      {pinned ? <Pin size={12} className="shrink-0 text-faint" aria-label={t('pinned')} /> : null}
      <RunMark run={run} />
      <button
        type="button"
        tabIndex={-1}
        aria-label={t('Menu of {{node}}', { node: title })}
        className="nodrag flex size-6 shrink-0 items-center justify-center rounded-small text-faint hover:bg-hover hover:text-text"
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect()
          showMenu([left, bottom + 4], nodeMenu(scope, id))
        }}
      >
        <Ellipsis size={14} aria-hidden="true" />
      </button>
    </header>
  )
}

const FarHead = ({ title, run }: { title: string; run: ShownRun }) => (
  <>
    {run.state === 'running' ? <Bar progress={run.progress} /> : null}
    <span className="graph-title">{title}</span>
  </>
)

const Bar = ({ progress }: { progress: number }) => (
  <span
    aria-hidden="true"
    className="absolute bottom-0 start-0 h-0.5 bg-accent transition-[width] duration-180"
    style={{ width: `${progress * 100}%` }}
  />
)

const Mark = ({ children, tone = 'text-muted' }: { children: string; tone?: string }) => (
  <span className={`shrink-0 rounded-small border px-1 text-caption font-normal ${tone}`}>{children}</span>
)

const SHOWN = 3_000

/** How the last run of a node went. */
function RunMark({ run }: { run: ShownRun }) {
  const fresh = useFresh(run.state === 'done')
  if (run.state === 'failed')
    return <CircleAlert size={14} className="shrink-0 text-err" aria-label={t('failed')} />
  if (run.state === 'cached')
    return (
      <span className="flex shrink-0 items-center gap-0.5 text-caption font-normal text-faint">
        <Recycle size={11} aria-hidden="true" />
        {t('cached')}
      </span>
    )
  if (run.state === 'running' && run.progress > 0)
    return (
      <span className="shrink-0 text-caption font-normal text-accent tabular">
        {Math.round(run.progress * 100)} %
      </span>
    )
  if (run.state !== 'done') return null
  return (
    <span className="flex shrink-0 items-center gap-0.5 text-caption font-normal text-faint tabular">
      {fresh ? <Check size={13} className="text-ok" aria-label={t('done')} /> : null}
      {run.took > 0 ? shownDuration(run.took) : null}
    </span>
  )
}

/** True for three seconds after something became true. */
function useFresh(is: boolean): boolean {
  const [fresh, setFresh] = useState(false)
  useEffect(() => {
    setFresh(is)
    const timer = is ? setTimeout(() => setFresh(false), SHOWN) : undefined
    return () => clearTimeout(timer)
  }, [is])
  return fresh
}

function TitleField({ id, title }: { id: string; title: string }) {
  const scope = useScope()
  const isValue = SETTERS.has(useNode(id, (node) => node.type) ?? '')
  const first = useNode(id, (node) => (SETTERS.has(node.type) ? givenName(node) : title)) ?? title
  const [text, setText] = useState(first)
  const end = (keep: boolean) => {
    useGraph.setState({ renaming: null })
    if (!keep || text === first) return
    if (isValue) return renameValue(scope, id, text.trim())
    editNode(scope, id, { label: t('Rename node') }, (node) => {
      if (text.trim()) node.title = text.trim()
      else delete node.title
    })
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because somebody asked to write here.
      autoFocus
      value={text}
      aria-label={isValue ? t('Name of the value') : t('Title')}
      className="nodrag min-w-0 flex-1 rounded-small bg-bg px-1 outline-1 outline-accent"
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key !== 'Enter' && event.key !== 'Escape') return
        end(event.key === 'Enter')
        focusNode(id)
      }}
    />
  )
}
