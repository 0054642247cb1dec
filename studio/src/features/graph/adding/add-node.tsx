import { Command } from 'cmdk'
import { useMemo, useRef, useState } from 'react'
import type { NodeDefinition } from '@/doc/definitions'
import { t } from '@/i18n/text'
import { flowElement, focusNode } from '../canvas/flow-instance'
import { PortDrawing } from '../node/port-drawing'
import { type Adding, useGraph } from '../state/graph-store'
import { lookOf } from '../state/ports'
import { useScope } from '../state/scope'
import { useKnown } from '../state/values'
import { add } from './adding'
import { searchNodes } from './node-search'

const WIDTH = 620
const HEIGHT = 380
const EDGE = 12

const close = () => {
  useGraph.setState({ adding: null })
  flowElement()?.focus()
}

/** The search for a node to add, at the place where it was asked for. */
export function AddNode() {
  const adding = useGraph((state) => state.adding)
  if (!adding) return null
  return <OpenAddNode key={adding.at.join()} adding={adding} />
}

function OpenAddNode({ adding }: { adding: Adding }) {
  const known = useKnown()
  const scope = useScope()
  const [text, setText] = useState('')
  const [value, setValue] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const found = useMemo(() => searchNodes(known, text, adding.from), [known, text, adding.from])
  const shown = found.find((definition) => definition.type === value) ?? found[0]
  const choose = (definition: NodeDefinition) => {
    useGraph.setState({ adding: null })
    const id = add(scope, definition, adding.place, adding.from)
    if (id !== undefined) requestAnimationFrame(() => focusNode(String(id)))
  }
  const left = Math.max(
    EDGE,
    Math.min(adding.at[0], innerWidth - Math.min(WIDTH, innerWidth - 2 * EDGE) - EDGE),
  )
  const top = Math.max(EDGE, Math.min(adding.at[1], innerHeight - HEIGHT - EDGE))
  return (
    <>
      <div className="fixed inset-0 z-40" onPointerDown={close} />
      <div
        role="dialog"
        aria-label={t('Add a node')}
        className="fixed z-50 flex w-[min(620px,calc(100vw-24px))] overflow-hidden rounded-card border bg-overlay shadow-dialog animate-[rise_120ms_var(--ease-out)]"
        style={{ left, top, height: HEIGHT }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          close()
        }}
      >
        <Command
          shouldFilter={false}
          loop
          label={t('Nodes')}
          value={value}
          onValueChange={setValue}
          className="flex min-w-0 flex-1 flex-col"
        >
          <div className="flex items-center gap-2 border-b px-3">
            {adding.from ? <TypeChip type={adding.from.type} /> : null}
            <Command.Input
              autoFocus
              value={text}
              onValueChange={(next) => {
                setText(next)
                setValue(searchNodes(known, next, adding.from, 1)[0]?.type ?? '')
                if (list.current) list.current.scrollTop = 0
              }}
              placeholder={adding.from ? t('Nodes that fit…') : t('Search nodes…')}
              className="h-11 min-w-0 flex-1 bg-transparent text-field outline-none"
            />
          </div>
          <Command.List ref={list} className="min-h-0 flex-1 overflow-auto p-1">
            {found.length === 0 ? (
              <p className="px-3 py-8 text-center text-body text-muted">
                {adding.from
                  ? t('No node of that name takes this link.')
                  : t('No node is called that. A missing pack may have it.')}
              </p>
            ) : null}
            {found.map((definition) => (
              <Command.Item
                key={definition.type}
                value={definition.type}
                onSelect={() => choose(definition)}
                className="flex min-h-8 items-center gap-3 rounded-control px-2 data-[selected=true]:bg-hover pointer-coarse:min-h-11"
              >
                <span className="min-w-0 shrink truncate text-body">{definition.title}</span>
                {definition.deprecated ? <span className="text-caption text-warn">{t('old')}</span> : null}
                <span className="ms-auto min-w-0 shrink-[2] truncate text-caption text-faint">
                  {definition.category.replaceAll('/', ' › ')}
                </span>
              </Command.Item>
            ))}
          </Command.List>
        </Command>
        {shown ? (
          <aside
            className="w-60 shrink-0 overflow-auto border-s bg-surface p-4 max-sm:hidden"
            aria-live="polite"
          >
            <PortDrawing definition={shown} />
            <p className="mt-3 text-label whitespace-pre-line text-muted">{shown.description}</p>
            <p className="mt-2 font-mono text-caption break-all text-faint">{shown.type}</p>
          </aside>
        ) : null}
      </div>
    </>
  )
}

const TypeChip = ({ type }: { type: string }) => (
  <span className="flex shrink-0 items-center gap-1.5 rounded-full border px-2 py-0.5 text-caption">
    <i aria-hidden="true" className="size-2 rounded-full" style={{ background: lookOf(type).colour }} />
    {type}
  </span>
)
