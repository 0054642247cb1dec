import { CornerUpLeft } from 'lucide-react'
import { sendTo } from '@/app/intents'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { classes } from '@/ui/classes'

/** Names of roles, in the order in which they are shown; others follow under their own names. */
const names = (): Record<string, string> => ({
  'prompt.positive': t('Prompt'),
  'prompt.negative': t('Negative prompt'),
  'model.main': t('Model'),
  'model.vae': t('VAE'),
  'lora.list': t('LoRAs'),
  'batch.count': t('Pictures at once'),
  'size.width': t('Width'),
  'size.height': t('Height'),
  'sampler.seed': t('Seed'),
  'sampler.steps': t('Steps'),
  'sampler.cfg': t('CFG'),
  'sampler.guidance': t('Guidance'),
  'sampler.name': t('Sampler'),
  'sampler.scheduler': t('Scheduler'),
  'sampler.denoise': t('Strength'),
})

/** The settings that a picture was made with, each with a button that uses it again. */
export function SettingsTable({ settings }: { settings: Record<string, unknown> }) {
  const known = names()
  const roles = [
    ...Object.keys(known).filter((role) => role in settings),
    ...Object.keys(settings).filter((role) => !(role in known)),
  ].filter((role) => shown(settings[role]) !== '')
  return (
    <section>
      <h3 className="mb-1 text-label font-medium text-muted">{t('Settings')}</h3>
      <dl className="flex flex-col">
        {roles.map((role) => (
          <div key={role} className={classes('group flex items-start gap-2 border-b py-1.5 last:border-b-0')}>
            <dt className="w-20 shrink-0 pt-1 text-label text-muted">{known[role] ?? role}</dt>
            <dd className="flex min-w-0 flex-1 items-start gap-2 text-body tabular">
              <span className="min-w-0 flex-1 pt-0.5 break-words select-text">{shown(settings[role])}</span>
              <IconButton
                label={t('Use {{setting}}', { setting: known[role] ?? role })}
                small
                onClick={() => sendTo('create', 'use-settings', { values: { [role]: settings[role] } })}
              >
                <CornerUpLeft size={14} />
              </IconButton>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A value as people read it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(shown).join(', ')
  if (typeof value === 'object') {
    const { name, strength, weight } = value as Record<string, unknown>
    const amount = strength ?? weight
    if (typeof name === 'string') return amount === undefined ? name : `${name} (${String(amount)})`
    return JSON.stringify(value)
  }
  return String(value)
}
