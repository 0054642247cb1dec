import { LayoutGrid, Rows3, Search, X } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorNote } from '@/ui/error-note'
import { Input } from '@/ui/input'
import { Panel } from '@/ui/panel'
import { usePreference } from '@/ui/remembered'
import { Segmented } from '@/ui/segmented'
import { Select } from '@/ui/select'
import { Sheet } from '@/ui/sheet'
import { Skeleton } from '@/ui/skeleton'
import { NARROW, useMedia } from '@/ui/use-media'
import type { AddWish } from './add-dialog'
import { FirstModels } from './first-models'
import { kindTitle } from './kinds'
import { messageOf, readAgain } from './model-actions'
import { keyOf, type ModelEntry, useModels } from './model-data'
import { ModelDetailsView } from './model-details'
import { ModelGrid } from './model-grid'
import { chosenModels, counted, type ModelOrder } from './model-names'
import { ModelTable } from './model-table'

const ANY = '*'

/** The files that are here: cards or a table, searched and filtered, and the chosen one beside them. */
export function Installed({ onAdd }: { onAdd: (wish?: AddWish) => void }) {
  const { data: models, error } = useModels()
  const [text, setText] = useState('')
  const [kind, setKind] = useState('')
  const [family, setFamily] = useState('')
  const [order, setOrder] = usePreference<ModelOrder>('models.order', 'name')
  const [view, setView] = usePreference<'cards' | 'table'>('models.view', 'cards')
  const [chosen, setChosen] = useState('')
  const sought = useDeferredValue(text)
  const shown = useMemo(
    () => chosenModels(models ?? [], { text: sought, kind, family, order }),
    [models, sought, kind, family, order],
  )
  const entry = models?.find((model) => keyOf(model) === chosen)
  if (error && !models)
    return (
      <div className="mx-auto max-w-xl p-6">
        <ErrorNote
          title={t('The list of models could not be read.')}
          actions={<Button onClick={readAgain}>{t('Try again')}</Button>}
        >
          {messageOf(error)}
        </ErrorNote>
      </div>
    )
  const clear = () => {
    setText('')
    setKind('')
    setFamily('')
  }
  const alone = models?.every((model) => model.builtin) ?? false
  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-2 px-6 pt-4 pb-3 max-sm:px-4">
          <div className="relative min-w-40 flex-1 sm:max-w-72">
            <Search
              size={16}
              className="pointer-events-none absolute inset-y-0 start-2 my-auto text-faint"
              aria-hidden="true"
            />
            <Input
              type="search"
              value={text}
              onChange={setText}
              aria-label={t('Search models')}
              placeholder={t('Search models')}
              className="!ps-8"
            />
          </div>
          <Choice
            label={t('Kind')}
            every={t('All kinds')}
            value={kind}
            onChange={setKind}
            values={counted(models ?? [], 'kind')}
            shown={kindTitle}
          />
          <Choice
            label={t('Family')}
            every={t('All families')}
            value={family}
            onChange={setFamily}
            values={counted(models ?? [], 'family')}
            shown={(name) => models?.find((model) => model.family === name)?.family_title ?? name}
          />
          <div className="ms-auto flex items-center gap-2 max-sm:ms-0">
            <Select
              label={t('Order')}
              value={order}
              onChange={(next) => setOrder(next as ModelOrder)}
              className="!w-36"
              choices={[
                { value: 'name', label: t('By name') },
                { value: 'used', label: t('Last used') },
                { value: 'size', label: t('Largest') },
                { value: 'new', label: t('Newest') },
              ]}
            />
            <Segmented
              label={t('View')}
              iconsOnly
              value={view}
              onChange={setView}
              segments={[
                { value: 'cards', label: t('Cards'), icon: <LayoutGrid size={16} aria-hidden="true" /> },
                { value: 'table', label: t('Table'), icon: <Rows3 size={16} aria-hidden="true" /> },
              ]}
            />
          </div>
        </div>
        <List
          models={models}
          shown={shown}
          view={view}
          chosen={chosen}
          alone={alone}
          onChoose={(model) => setChosen(keyOf(model))}
          onClear={clear}
          onAdd={onAdd}
        />
      </div>
      {entry ? <Chosen entry={entry} onClose={() => setChosen('')} /> : null}
    </div>
  )
}

interface ListProps {
  models: ModelEntry[] | undefined
  shown: ModelEntry[]
  view: 'cards' | 'table'
  chosen: string
  alone: boolean
  onChoose: (model: ModelEntry) => void
  onClear: () => void
  onAdd: (wish?: AddWish) => void
}

function List({ models, shown, view, chosen, alone, onChoose, onClear, onAdd }: ListProps) {
  if (!models)
    return (
      <div className="grid grid-cols-[repeat(auto-fill,minmax(200px,1fr))] gap-3 px-6">
        {[0, 1, 2, 3, 4, 5].map((at) => (
          <Skeleton key={at} className="h-56" />
        ))}
      </div>
    )
  if (shown.length === 0)
    return (
      <EmptyState title={t('No model fits.')} actions={<Button onClick={onClear}>{t('Show all')}</Button>}>
        {t('Nothing that is installed has these words and this kind.')}
      </EmptyState>
    )
  const View = view === 'cards' ? ModelGrid : ModelTable
  return (
    <View
      models={shown}
      chosen={chosen}
      onChoose={onChoose}
      foot={alone ? <FirstModels onAdd={onAdd} /> : null}
    />
  )
}

/** The chosen file: a docked panel where there is room, a sheet where there is none. */
function Chosen({ entry, onClose }: { entry: ModelEntry; onClose: () => void }) {
  const wide = !useMedia(NARROW)
  const view = <ModelDetailsView key={keyOf(entry)} entry={entry} onGone={onClose} />
  if (!wide)
    return (
      <Sheet open onClose={onClose} title={t('Model')}>
        {view}
      </Sheet>
    )
  return (
    <Panel name="models.details" side="right" size={380} min={320} max={560} label={t('Model')}>
      <div className="sticky top-0 z-10 flex h-11 shrink-0 items-center justify-between border-b bg-surface ps-4 pe-2">
        <span className="text-label font-medium text-muted">{t('Model')}</span>
        <IconButton label={t('Close details')} small onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      {view}
    </Panel>
  )
}

function Choice({
  label,
  every,
  value,
  onChange,
  values,
  shown,
}: {
  label: string
  every: string
  value: string
  onChange: (value: string) => void
  values: [string, number][]
  shown: (value: string) => string
}) {
  if (values.length < 2 && !value) return null
  return (
    <Select
      label={label}
      value={value || ANY}
      onChange={(next) => onChange(next === ANY ? '' : next)}
      className="!w-44 max-sm:!w-36"
      choices={[
        { value: ANY, label: every },
        ...values.map(([name, count]) => ({ value: name, label: `${shown(name)} · ${count}` })),
      ]}
    />
  )
}
