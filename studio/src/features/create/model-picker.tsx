import { Boxes, Check, ChevronDown, Plus, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { sendTo } from '@/app/intents'
import { goTo } from '@/app/navigation'
import type { DrawingModel } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { classes } from '@/ui/classes'
import { Input } from '@/ui/input'
import { Popover } from '@/ui/popover'
import { ModelPicture } from './model-picture'
import { keepLastModel } from './start-document'
import type { RecipeForm } from './use-recipe'

/** The model that draws; a click shows all there are. */
export function ModelPicker({ form }: { form: RecipeForm }) {
  const [open, setOpen] = useState(false)
  const { model, modelName } = form
  const title = model?.title ?? modelName
  const missing = !model || Boolean(model.missing?.length)
  const choose = (next: DrawingModel) => {
    setOpen(false)
    if (next.name === modelName) return
    keepLastModel(next.name)
    const task = next.tasks.includes(form.task) ? form.task : (next.tasks[0] ?? 'text')
    void form.remake({ model: next.name, task, label: t('Choose {{model}}', { model: next.title }) })
  }
  return (
    <div>
      <Popover
        open={open}
        onOpenChange={setOpen}
        label={t('Models')}
        className="w-(--radix-popover-trigger-width) min-w-72 !p-0"
        trigger={
          <button
            type="button"
            className="flex w-full items-center gap-3 rounded-card border bg-raised p-2 text-start hover:border-line-strong"
          >
            <ModelPicture model={model} />
            <span className="min-w-0 flex-1">
              <span className="sr-only">{t('Model:')} </span>
              <span className="block truncate text-body font-medium">{title}</span>
              <span className="block truncate text-label text-muted">{subtitle(model)}</span>
            </span>
            {missing ? <TriangleAlert size={16} className="shrink-0 text-warn" aria-hidden="true" /> : null}
            <ChevronDown size={16} className="me-1 shrink-0 text-faint" aria-hidden="true" />
          </button>
        }
      >
        <ModelChoice models={form.list.models} chosen={modelName} onChoose={choose} />
      </Popover>
      {missing ? <Missing model={model} name={modelName} /> : null}
    </div>
  )
}

const subtitle = (model: DrawingModel | undefined): string => {
  if (!model) return t('Not on this server')
  return model.builtin ? t('Built in · {{family}}', { family: model.family.title }) : model.family.title
}

/** What is wrong with the chosen model, and the way to mend it. */
function Missing({ model, name }: { model: DrawingModel | undefined; name: string }) {
  const files = model?.missing ?? [name]
  return (
    <div className="mt-2 flex items-center gap-2 rounded-control border border-warn/40 px-3 py-2 text-label">
      <span className="min-w-0 flex-1 break-words">
        {model
          ? t('It also needs: {{files}}.', { files: files.join(', ') })
          : t('This model is not installed.')}
      </span>
      <Button small onClick={() => sendTo('models', 'add', { reference: files[0] ?? name })}>
        {t('Find it')}
      </Button>
    </div>
  )
}

interface ModelChoiceProps {
  models: DrawingModel[]
  chosen: string
  onChoose: (model: DrawingModel) => void
}

const SEARCHED_FROM = 7

function ModelChoice({ models, chosen, onChoose }: ModelChoiceProps) {
  const [search, setSearch] = useState('')
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = models.filter((model) => {
    const text = `${model.title} ${model.name} ${model.family.title}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return (
    <div className="flex flex-col">
      {models.length >= SEARCHED_FROM ? (
        <div className="border-b p-2">
          <Input
            value={search}
            onChange={setSearch}
            placeholder={t('Search models')}
            aria-label={t('Search models')}
          />
        </div>
      ) : null}
      <div className="max-h-96 overflow-auto p-1">
        {found.map((model) => (
          <button
            key={model.name}
            type="button"
            aria-pressed={model.name === chosen}
            onClick={() => onChoose(model)}
            className={classes(
              'flex w-full items-center gap-3 rounded-control p-2 text-start hover:bg-hover',
              model.name === chosen && 'bg-accent-soft',
            )}
          >
            <ModelPicture model={model} />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-body">{model.title}</span>
              <span className="block truncate text-label text-muted">{subtitle(model)}</span>
            </span>
            {model.missing?.length ? (
              <TriangleAlert size={14} className="text-warn" aria-label={t('Incomplete')} />
            ) : null}
            {model.name === chosen ? <Check size={16} className="text-accent" aria-hidden="true" /> : null}
          </button>
        ))}
        {found.length === 0 ? (
          <p className="px-3 py-4 text-center text-muted">{t('Nothing found.')}</p>
        ) : null}
      </div>
      <div className="flex gap-1 border-t p-1">
        <Button
          look="quiet"
          className="flex-1 !justify-start"
          icon={<Plus size={16} aria-hidden="true" />}
          onClick={() => sendTo('models', 'add')}
        >
          {t('Add a model')}
        </Button>
        <Button look="quiet" icon={<Boxes size={16} aria-hidden="true" />} onClick={() => goTo('models')}>
          {t('All models')}
        </Button>
      </div>
    </div>
  )
}
