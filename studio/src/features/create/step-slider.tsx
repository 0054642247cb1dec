import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useJobs } from '@/app/jobs'
import { dismissForEver, usePreferences } from '@/app/preferences'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { Slider } from '@/ui/slider'
import { setStep, useStage } from './stage-state'

const TIP = 'step-slider'

/** The way from noise to the picture: every step that was seen can be looked at again. Its place is kept while it is empty. */
export function StepSlider({ job, live }: { job: string; live: boolean }) {
  const steps = useJobs((state) => state.jobs[job]?.previews.length ?? 0)
  const step = useStage((state) => state.step)
  const knowsIt = usePreferences((state) => state.dismissed.includes(TIP))
  useEffect(() => {
    if (step >= 0) dismissForEver(TIP)
  }, [step])
  const usable = !live && steps > 1
  return (
    <div className="flex h-10 shrink-0 items-center justify-center gap-3 px-4 text-label text-muted">
      {usable ? (
        <>
          <span className="shrink-0">{t('Noise')}</span>
          <Slider
            label={t('Step on the way to the picture')}
            value={step < 0 ? steps : step}
            onChange={(next) => setStep(next >= steps ? -1 : next)}
            min={0}
            max={steps}
            step={1}
            bare
            className="w-80 max-w-[50%]"
          />
          <span className="tabular w-16 shrink-0">
            {step < 0 ? t('Picture') : t('Step {{step}}', { step: step + 1 })}
          </span>
          {knowsIt ? null : (
            <span className="flex min-w-0 items-center gap-1 text-faint max-lg:hidden">
              <span className="truncate">{t('Drag to see how it came about.')}</span>
              <IconButton label={t('Do not show this again')} small onClick={() => dismissForEver(TIP)}>
                <X size={12} />
              </IconButton>
            </span>
          )}
        </>
      ) : null}
    </div>
  )
}
