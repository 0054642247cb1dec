import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronRight, CircleAlert } from 'lucide-react'
import { memo, useMemo, useRef, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useDocuments } from '@/app/documents'
import { NOTES, pageDefinition } from '@/doc/page-nodes'
import { definitionOf, subgraphOf } from '@/doc/subgraphs'
import { t } from '@/i18n/text'
import { Input } from '@/ui/input'
import { focusNode } from '../canvas/flow-instance'
import { NodeFiles } from '../node/node-media'
import { stateWord } from '../node/node-view'
import { Widget } from '../node/widget-row'
import { useNodeRefusals, useNodeRun } from '../running/node-run'
import { shapeOf } from '../state/geometry'
import { enter, select, useGraph } from '../state/graph-store'
import { linkInto, runOrder } from '../state/links'
import { lookOf } from '../state/ports'
import { bodyAt, nodesById, useBody, useNode, useScope } from '../state/scope'
import { useKnown } from '../state/values'

/** All nodes in the order in which they run, with all their fields: for screen readers, phones and quick finding. */
export function Outline({ open: first = false, media = false }: { open?: boolean; media?: boolean }) {
  const [text, setText] = useState('')
  const known = useKnown()
  const all = useBody(useShallow(runOrder)) ?? []
  const titles = useBody(
    useShallow((body) =>
      all.map((id) => {
        const node = nodesById(body.nodes).get(id)
        return node
          ? `${node.title ?? ''} ${known.get(node.type)?.title ?? ''} ${node.type} ${id}`.toLowerCase()
          : ''
      }),
    ),
  )
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = all.filter((_, at) => words.every((word) => titles?.[at]?.includes(word)))
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (first ? 200 : 36),
    overscan: 8,
    getItemKey: (at) => shown[at]!,
  })
  return (
    <div className="flex h-full flex-col">
      <div className="p-2">
        <Input
          value={text}
          onChange={setText}
          type="search"
          placeholder={t('Find a node…')}
          aria-label={t('Find a node')}
        />
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-auto px-2 pb-4">
        {shown.length === 0 ? (
          <p className="px-2 py-6 text-center text-body text-muted">
            {all.length === 0 ? t('No nodes yet.') : t('No node is called that.')}
          </p>
        ) : null}
        <ul
          className="relative"
          style={{ height: rows.getTotalSize() }}
          aria-label={t('Nodes in the order in which they run')}
        >
          {rows.getVirtualItems().map((row) => (
            <li
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <OutlineRow id={shown[row.index]!} open={first} media={media} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

const OutlineRow = memo(function OutlineRow({
  id,
  open: first,
  media,
}: {
  id: string
  open: boolean
  media: boolean
}) {
  const [open, setOpen] = useState(first)
  const known = useKnown()
  const scope = useScope()
  const title = useNode(id, (node) => node.title || known.get(node.type)?.title || '') ?? ''
  const type = useNode(id, (node) => node.type) ?? ''
  const name = useDocuments((state) => {
    const workflow = state.open[scope.document]?.workflow
    if (NOTES.has(type)) return title || t('Note')
    return title || (workflow && subgraphOf(workflow, type)?.name) || pageDefinition(type)?.title || type
  })
  const isSelected = useGraph((state) => state.selected.has(id))
  const run = useNodeRun(id)
  const problems = useNodeRefusals(id).length
  const mode = useNode(id, (node) => node.mode ?? 0)
  return (
    <div className={isSelected ? 'rounded-control bg-accent-soft' : 'rounded-control'}>
      <div className="flex min-h-9 items-center pointer-coarse:min-h-11">
        <button
          type="button"
          aria-expanded={open}
          aria-label={
            open
              ? t('Close fields of {{node}}', { node: name })
              : t('Open fields of {{node}}', { node: name })
          }
          onClick={() => setOpen(!open)}
          className="flex size-7 shrink-0 items-center justify-center rounded-small text-faint hover:bg-hover hover:text-text pointer-coarse:size-11"
        >
          <ChevronRight
            size={14}
            aria-hidden="true"
            className={`transition-transform duration-120 ${open ? 'rotate-90' : 'rtl:-scale-x-100'}`}
          />
        </button>
        <button
          type="button"
          onClick={() => {
            select([id])
            focusNode(id)
          }}
          className="flex min-h-7 min-w-0 flex-1 items-center gap-2 rounded-small px-1 text-start hover:bg-hover"
        >
          <span className={`min-w-0 truncate text-body ${mode ? 'text-faint line-through' : ''}`}>
            {name}
          </span>
          <span className="shrink-0 text-caption text-faint tabular">#{id}</span>
          <span className="ms-auto flex shrink-0 items-center gap-1 pe-1 text-caption text-faint">
            {problems > 0 ? (
              <CircleAlert
                size={13}
                className="text-err"
                aria-label={t('{{count}} problems', { count: problems })}
              />
            ) : null}
            {run.state && run.state !== 'waiting' ? stateWord(run.state) : ''}
          </span>
        </button>
      </div>
      {open ? <OutlineFields id={id} media={media} /> : null}
    </div>
  )
})

/** The links and fields of a node. */
function OutlineFields({ id, media }: { id: string; media: boolean }) {
  const known = useKnown()
  const scope = useScope()
  const node = useNode(id, (found) => found)
  const workflow = useDocuments((state) => state.open[scope.document]?.workflow)
  const body = bodyAt(workflow, scope.path)
  const refusals = useNodeRefusals(id)
  const definition = useMemo(
    () => (workflow && node && body ? definitionOf(workflow, node, known, body) : undefined),
    [workflow, node, known, body],
  )
  if (!node || !workflow || !body) return null
  const shape = shapeOf({ ...node, flags: {} }, { definition, media: false })
  const isSubgraph = subgraphOf(workflow, node.type) !== undefined
  return (
    <div className="graph-outline flex flex-col gap-1.5 ps-8 pe-2 pb-3">
      {shape.inputs
        .filter((port) => !port.widget || port.linked)
        .map((port) => {
          const link = linkInto(body, id, port.slot)
          const source = link && nodesById(body.nodes).get(String(link.from))
          return (
            <p key={`${port.slot}${port.name}`} className="flex items-center gap-2 text-label text-muted">
              <i
                aria-hidden="true"
                className="size-2 shrink-0 rounded-full"
                style={{ background: lookOf(port.type).colour }}
              />
              {source
                ? t('{{input}} from {{node}}', {
                    input: port.label,
                    node: source.title || known.get(source.type)?.title || source.type,
                  })
                : link
                  ? t('{{input}} from outside', { input: port.label })
                  : t('{{input}}: no link', { input: port.label })}
            </p>
          )
        })}
      {shape.widgets
        .filter((box) => !box.linked)
        .map((box) => {
          const problem = refusals.find((refusal) => refusal.input === box.name)
          return (
            <div key={box.name}>
              <Widget id={id} box={box} definition={definition} />
              {problem ? <p className="mt-0.5 text-label text-err">{problem.message}</p> : null}
            </div>
          )
        })}
      {media ? <NodeFiles id={id} /> : null}
      {isSubgraph ? (
        <button
          type="button"
          className="self-start rounded-small px-1 text-label text-accent hover:underline"
          onClick={() => enter(scope.document, [...scope.path, id])}
        >
          {t('Open subgraph')}
        </button>
      ) : null}
    </div>
  )
}
