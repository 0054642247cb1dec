import { Box, CircleAlert, Copy, FileQuestion, Link2Off, ListX, MemoryStick, PackageX, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { sendTo } from '@/app/intents'
import { runNow } from '@/app/run-now'
import { NAME_WIDGET, pageDefinition } from '@/doc/page-nodes'
import { setWidget } from '@/doc/widgets'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { toast } from '@/ui/toasts'
import { knownDefinitions } from '../state/known'
import { editNode, nodeOf, type Scope, useScope, workflowOf } from '../state/scope'
import { toggleProblems, useProblemFocus } from './problem-focus'
import { goToProblem, type Problem, useProblems } from './problems'

const ICONS = {
  'missing-node': PackageX,
  'missing-model': FileQuestion,
  value: ListX,
  input: Link2Off,
  type: Link2Off,
  failed: CircleAlert,
  memory: MemoryStick,
  other: Box,
}

/** All problems, by node, each with its next step. */
export function ProblemsPanel() {
  const problems = useProblems()
  const scope = useScope()
  const wanted = useProblemFocus()
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    if (wanted.turn > 0)
      list.current
        ?.querySelector(`[data-problem-of="${CSS.escape(wanted.node)}"]`)
        ?.scrollIntoView({ block: 'nearest' })
  }, [wanted])
  return (
    <div className="flex flex-col">
      <header className="sticky top-0 z-1 flex h-10 shrink-0 items-center gap-2 border-b bg-surface ps-4 pe-2">
        <h2 className="text-body font-medium">
          {problems.length === 0 ? t('No problems') : t('{{count}} problems', { count: problems.length })}
        </h2>
        <span className="ms-auto text-label text-faint">{t('F8: next')}</span>
        <IconButton label={t('Close problems')} small onClick={() => toggleProblems(false)}>
          <X size={14} />
        </IconButton>
      </header>
      <ul ref={list}>
        {problems.map((problem) => (
          <Row key={problem.key} problem={problem} scope={scope} />
        ))}
      </ul>
    </div>
  )
}

function Row({ problem, scope }: { problem: Problem; scope: Scope }) {
  const Icon = ICONS[problem.kind]
  return (
    <li className="flex items-start gap-3 border-b px-4 py-2" data-problem-of={problem.node}>
      <Icon
        size={16}
        strokeWidth={1.5}
        aria-hidden="true"
        className={`mt-0.5 shrink-0 ${problem.quiet ? 'text-warn' : 'text-err'}`}
      />
      <div className="min-w-0 flex-1">
        <button
          type="button"
          className="max-w-full truncate text-start text-body font-medium hover:text-accent"
          onClick={() => goToProblem(scope, problem)}
        >
          {problem.title}
          {problem.node ? <span className="font-normal text-faint"> #{problem.node}</span> : null}
          {problem.input ? (
            <span className="font-normal text-muted">
              {' '}
              · {problem.input === NAME_WIDGET ? t('name') : problem.input}
            </span>
          ) : null}
        </button>
        <p className="text-body break-words text-muted select-text">{problem.message}</p>
        {problem.kind === 'memory' ? (
          <p className="mt-1 text-label text-muted">
            {t(
              'A smaller size or fewer pictures at once need less memory; tiled decoding and unloading other models help too.',
            )}
          </p>
        ) : null}
        {problem.failure && problem.failure.traceback.length > 0 ? (
          <details className="mt-1">
            <summary className="cursor-pointer text-label text-muted">{t('Where in the code')}</summary>
            <pre className="mt-1 max-h-60 overflow-auto rounded-control bg-bg p-2 font-mono text-caption select-text">
              {problem.failure.traceback.join('')}
            </pre>
          </details>
        ) : null}
      </div>
      <Steps problem={problem} scope={scope} />
    </li>
  )
}

/** What can be done about a problem. */
function Steps({ problem, scope }: { problem: Problem; scope: Scope }) {
  return (
    <div className="flex shrink-0 flex-wrap items-center justify-end gap-1 max-sm:flex-col max-sm:items-end">
      {problem.instead.map((value) => (
        <Button key={value} small title={value} onClick={() => repair(scope, problem, value)}>
          <span className="max-w-48 truncate">{t('Use {{value}}', { value })}</span>
        </Button>
      ))}
      {problem.kind === 'missing-model' ? (
        <Button small onClick={() => sendTo('models', 'missing', { workflow: workflowOf(scope.document) })}>
          {t('Find model…')}
        </Button>
      ) : null}
      {problem.failure ? (
        <>
          <Button small onClick={() => void runNow()}>
            {t('Try again')}
          </Button>
          <Button small icon={<Copy size={13} />} onClick={() => void copyReport(problem)}>
            {t('Copy report')}
          </Button>
        </>
      ) : null}
      {problem.node ? (
        <Button small look="quiet" onClick={() => goToProblem(scope, problem)}>
          {t('Go there')}
        </Button>
      ) : null}
    </div>
  )
}

/** Puts another value where one was wrong. */
function repair(scope: Scope, problem: Problem, value: string): void {
  const way = problem.node.split(':')
  const place: Scope = { document: scope.document, path: way.slice(0, -1) }
  const id = way.at(-1)!
  const node = nodeOf(place, id)
  if (!node) return
  editNode(place, id, { label: t('Use {{value}}', { value }) }, (draft) =>
    setWidget(draft, knownDefinitions().get(draft.type) ?? pageDefinition(draft.type), problem.input, value),
  )
}

async function copyReport({ failure, title, node }: Problem): Promise<void> {
  const lines = [
    `${title} (#${node}, ${failure?.nodeType ?? ''})`,
    `${failure?.type ?? ''}: ${failure?.message ?? ''}`,
    '',
    ...(failure?.traceback ?? []),
  ]
  try {
    await navigator.clipboard.writeText(lines.join('\n'))
    toast({ text: t('The report is on the clipboard.'), tone: 'ok' })
  } catch {
    toast({ text: t('The browser does not let this page write to the clipboard.'), tone: 'err' })
  }
}
