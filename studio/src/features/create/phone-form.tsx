import { Play, SlidersHorizontal, Square } from 'lucide-react'
import { useState } from 'react'
import { isLive, jobsOfDocument, progressOf, useJobs } from '@/app/jobs'
import { cancelJobs } from '@/app/run'
import { runNow } from '@/app/run-now'
import { useRunOptions } from '@/app/run-options'
import { useRunTarget } from '@/app/run-target'
import { t } from '@/i18n/text'
import { Button, IconButton } from '@/ui/button'
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
      <PhoneRun form={form} onMore={() => setOpen(true)} />
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

/** Run, where the thumb is; while a job runs, how far it is and the way to stop it. */
function PhoneRun({ form, onMore }: { form: RecipeForm; onMore: () => void }) {
  const target = useRunTarget((state) => state.target)
  const count = useRunOptions((state) => state.count)
  const live = useJobs((state) =>
    jobsOfDocument(state, form.document)
      .filter(isLive)
      .map((job) => job.id)
      .join(' '),
  )
  const progress = useJobs((state) => {
    const running = jobsOfDocument(state, form.document).find((job) => job.state === 'running')
    return running ? progressOf(running) : 0
  })
  const label = target?.label ?? t('Generate')
  return (
    <div className="sticky bottom-0 z-20 flex gap-2 border-t bg-surface p-3">
      <IconButton label={t('All settings')} look="plain" onClick={onMore}>
        <SlidersHorizontal size={18} />
      </IconButton>
      <Button
        look="primary"
        className="relative flex-1 overflow-hidden"
        icon={<Play size={14} fill="currentColor" aria-hidden="true" className="relative" />}
        disabled={Boolean(target?.reason)}
        onClick={() => void runNow()}
      >
        {progress > 0 ? (
          <span
            aria-hidden="true"
            className="absolute inset-y-0 start-0 bg-white/20 transition-[width] duration-180"
            style={{ width: `${progress * 100}%` }}
          />
        ) : null}
        <span className="relative">{target?.reason || (count > 1 ? `${label} ×${count}` : label)}</span>
      </Button>
      {live ? (
        <IconButton
          label={t('Cancel')}
          look="plain"
          className="!text-err"
          onClick={() => void cancelJobs(live.split(' '))}
        >
          <Square size={14} fill="currentColor" />
        </IconButton>
      ) : null}
    </div>
  )
}
