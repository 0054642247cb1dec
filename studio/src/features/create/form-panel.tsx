import { LayoutGrid } from 'lucide-react'
import type { OpenDocument } from '@/app/documents'
import { sendTo } from '@/app/intents'
import type { Definitions } from '@/doc/definitions'
import type { RecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { AdvancedGroups } from './advanced-groups'
import { CountAndSeed } from './count-and-seed'
import { FirstRunCard } from './first-run-card'
import { LoraSection } from './lora-section'
import { ModelPicker } from './model-picker'
import { PhoneForm } from './phone-form'
import { PictureInputs } from './picture-inputs'
import { PresetBar } from './preset-bar'
import { PromptSection } from './prompt-section'
import { RefusalNote } from './refusal-note'
import { SizeSection } from './size-section'
import { TaskPicker } from './task-picker'
import { useCreateRun } from './use-create-run'
import { useRecipe } from './use-recipe'

export interface FormPanelProps {
  document: OpenDocument
  definitions: Definitions
  list: RecipeList
  narrow: boolean
}

/** The form of a recipe, from the model down to what is seldom changed; on a phone what is needed most, the rest in a sheet. */
export function FormPanel({ document, definitions, list, narrow }: FormPanelProps) {
  const form = useRecipe(document, definitions, list)
  useCreateRun(form)
  if (narrow) return <PhoneForm form={form} />
  return (
    <div className="flex min-h-full flex-col gap-4 p-4">
      <ModelPicker form={form} />
      <TaskPicker form={form} />
      <RefusalNote document={document.id} />
      <PictureInputs form={form} />
      <PromptSection form={form} />
      <SizeSection form={form} />
      <CountAndSeed form={form} />
      <div className="flex flex-col gap-1 border-t pt-3">
        <LoraSection form={form} />
        <AdvancedGroups form={form} />
        <PresetBar form={form} />
        <Button
          look="quiet"
          icon={<LayoutGrid size={16} strokeWidth={1.5} aria-hidden="true" />}
          className="!justify-start !ps-1"
          onClick={() => sendTo('apps', 'make-app', { document: document.id })}
        >
          {t('Make an app')}
        </Button>
      </div>
      <FirstRunCard document={document.id} />
    </div>
  )
}
