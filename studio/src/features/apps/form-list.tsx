import { GripVertical, Plus, TriangleAlert } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import type { FormElement } from '@/doc/form'
import { t } from '@/i18n/text'
import { announce } from '@/ui/announce'
import { Button, IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'
import { EmptyState } from '@/ui/empty-state'
import { Menu, type MenuEntry } from '@/ui/menu'
import type { Building } from './builder-state'
import type { Finding } from './checks'
import { controlNames, elementNames } from './element-words'
import { flatElements, isContainer, moveElement, newElement, removeElement, stepElement } from './form-edits'

export interface FormListProps {
  building: Building
  chosen: string
  onChoose: (id: string) => void
  findings: Finding[]
}

/** The form as a list that is ordered by dragging, or with Alt and the arrow keys. */
export function FormList({ building, chosen, onChoose, findings }: FormListProps) {
  const { form, change } = building
  const [dragged, setDragged] = useState('')
  const rows = flatElements(form.elements)
  const step = (id: string, by: 1 | -1) => {
    change(t('Move'), stepElement(form.elements, id, by))
    announce(by < 0 ? t('Moved up') : t('Moved down'))
  }
  const remove = (id: string) => change(t('Take out of the form'), removeElement(form.elements, id))
  const drop = (target: FormElement) => {
    if (dragged && dragged !== target.id)
      change(
        t('Move'),
        moveElement(
          form.elements,
          dragged,
          isContainer(target) ? { into: target.id } : { before: target.id },
        ),
      )
    setDragged('')
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2">
        <h2 className="flex-1 text-section font-semibold">{t('Form')}</h2>
        <AddMenu building={building} onAdded={onChoose} />
      </div>
      {rows.length === 0 ? (
        <EmptyState title={t('The form is empty.')}>
          {t('Tick values of the workflow; they come here.')}
        </EmptyState>
      ) : (
        <ul aria-label={t('Elements of the form')} className="flex flex-col gap-2">
          {rows.map(({ element, depth }) => (
            <Row
              key={element.id}
              element={element}
              depth={depth}
              chosen={chosen === element.id}
              dragged={dragged === element.id}
              warning={findings.find((finding) => finding.field === element.id)?.message ?? ''}
              onChoose={() => onChoose(element.id)}
              onStep={(by) => step(element.id, by)}
              onRemove={() => remove(element.id)}
              onDrag={() => setDragged(element.id)}
              onDrop={() => drop(element)}
            />
          ))}
        </ul>
      )}
      <p className="text-label text-faint">{t('Drag to order, or press Alt with the arrow keys.')}</p>
    </div>
  )
}

interface RowProps {
  element: FormElement
  depth: number
  chosen: boolean
  dragged: boolean
  warning: string
  onChoose: () => void
  onStep: (by: 1 | -1) => void
  onRemove: () => void
  onDrag: () => void
  onDrop: () => void
}

function Row({
  element,
  depth,
  chosen,
  dragged,
  warning,
  onChoose,
  onStep,
  onRemove,
  onDrag,
  onDrop,
}: RowProps) {
  const [over, setOver] = useState(false)
  const keyed = (event: KeyboardEvent) => {
    const by =
      event.altKey && event.key === 'ArrowUp' ? -1 : event.altKey && event.key === 'ArrowDown' ? 1 : 0
    if (by) {
      event.preventDefault()
      onStep(by as 1 | -1)
    } else if (event.key === 'Delete') onRemove()
  }
  const entries: MenuEntry[] = [
    { label: t('Move up'), keys: 'Alt+ArrowUp', onSelect: () => onStep(-1) },
    { label: t('Move down'), keys: 'Alt+ArrowDown', onSelect: () => onStep(1) },
    'line',
    { label: t('Take out'), keys: 'Delete', danger: true, onSelect: onRemove },
  ]
  return (
    <li
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', element.id)
        onDrag()
      }}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        onDrop()
      }}
      style={{ marginInlineStart: depth * 24 }}
      className={classes(
        'flex items-center gap-1 rounded-card border bg-raised ps-1 pe-1 transition-colors duration-120',
        chosen && 'border-accent',
        over && 'border-t-2 border-t-accent',
        dragged && 'opacity-50',
      )}
    >
      <GripVertical
        size={16}
        strokeWidth={1.5}
        aria-hidden="true"
        className="shrink-0 cursor-grab text-faint"
      />
      <button
        type="button"
        onClick={onChoose}
        onKeyDown={keyed}
        aria-current={chosen || undefined}
        className="flex min-h-11 min-w-0 flex-1 items-center gap-2 rounded-control px-1 text-start"
      >
        <span className="min-w-0 flex-1 truncate text-body font-medium">{wordsOf(element)}</span>
        {warning ? (
          <TriangleAlert size={14} className="shrink-0 text-warn" aria-label={warning} role="img" />
        ) : null}
        <span className="shrink-0 text-label text-muted">{kindOf(element)}</span>
      </button>
      <Menu
        trigger={
          <IconButton label={t('More for {{label}}', { label: wordsOf(element) })} small>
            <span aria-hidden="true">⋯</span>
          </IconButton>
        }
        entries={entries}
        align="end"
      />
    </li>
  )
}

function wordsOf(element: FormElement): string {
  if (element.kind === 'field') return element.label
  if ('text' in element) return element.text || elementNames()[element.kind]
  return ('title' in element && element.title) || elementNames()[element.kind]
}

const kindOf = (element: FormElement): string => {
  if (element.kind !== 'field') return elementNames()[element.kind]
  const control = controlNames()[element.control.type]
  return element.advanced ? t('{{control}}, advanced', { control }) : control
}

function AddMenu({ building, onAdded }: { building: Building; onAdded: (id: string) => void }) {
  const { form, change } = building
  const kinds = ['heading', 'text', 'picture', 'divider', 'section', 'row', 'column', 'tab'] as const
  const entries = kinds.map((kind): MenuEntry => {
    const name = elementNames()[kind]
    return {
      label: name,
      onSelect: () => {
        const element = newElement(form.elements, kind, name)
        change(t('Add {{name}}', { name }), [...form.elements, element])
        onAdded(element.id)
      },
    }
  })
  return (
    <Menu
      trigger={
        <Button small icon={<Plus size={14} aria-hidden="true" />}>
          {t('Add')}
        </Button>
      }
      entries={entries}
      align="end"
    />
  )
}
