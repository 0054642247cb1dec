import { SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { RunBar } from '@/app/run-bar'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Sheet } from '@/ui/sheet'
import { AdvancedGroups } from './advanced-groups'
import { CountAndSeed } from './count-and-seed'
import { FirstRunCard } from './first-run-card'
import { LoraSection } from './lora-section'
import { ModelPicker } from './model-picker'
import { PictureInputs } from './picture-inputs'
import { PresetBar } from './preset-bar'
import { PromptSection } from './prompt-section'
import { RefusalNote } from './refusal-note'
import { SizeSection } from './size-section'
import { TaskPicker } from './task-picker'
import type { RecipeForm } from './use-recipe'

/** The form on a phone: prompt, model and size in view, Run above the keyboard, all else in a sheet. */
export function PhoneForm({ form }: { form: RecipeForm }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <div className="flex flex-col gap-4 p-4">
        <RefusalNote document={form.document} />
        <TaskPicker form={form} />
        <PictureInputs form={form} />
        <PromptSection form={form} />
        <ModelPicker form={form} />
        <SizeSection form={form} />
        <FirstRunCard document={form.document} />
      </div>
      <RunBar document={form.document}>
        <IconButton label={t('All settings')} look="plain" onClick={() => setOpen(true)}>
          <SlidersHorizontal size={18} />
        </IconButton>
      </RunBar>
      <Sheet open={open} onClose={() => setOpen(false)} title={t('All settings')} side="bottom">
        <div className="flex flex-col gap-4 p-4">
          <CountAndSeed form={form} />
          <div className="flex flex-col gap-1 border-t pt-3">
            <LoraSection form={form} />
            <AdvancedGroups form={form} />
            <PresetBar form={form} />
          </div>
        </div>
      </Sheet>
    </>
  )
}
