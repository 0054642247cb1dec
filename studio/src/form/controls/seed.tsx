import { Dices, Lock, LockOpen } from 'lucide-react'
import { LARGEST_SEED, randomSeed } from '@/doc/seeds'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { NumberInput } from '@/ui/number-input'
import { asNumber, type ControlProps } from '../control-props'

/** A seed and what becomes of it after a run: `fixed`, `randomize`, `increment`, `decrement`. */
export interface SeedValue {
  seed: number | bigint
  after: string
}

/** The seed of a value that is one, with or without what follows. */
export const asSeed = (value: unknown): SeedValue =>
  typeof value === 'object' && value !== null && 'seed' in value
    ? { seed: asDigits(value.seed), after: String((value as SeedValue).after ?? 'fixed') }
    : { seed: asDigits(value), after: '' }

const asDigits = (value: unknown): number | bigint => (typeof value === 'bigint' ? value : asNumber(value))

/** A seed with its dice and its lock; both always in view, for what comes next hangs on them. */
export function SeedControl({ id, label, value, onChange, describedBy, invalid, disabled }: ControlProps) {
  const { seed, after } = asSeed(value)
  const locked = after === 'fixed'
  const give = (next: Partial<SeedValue>) => onChange(after ? { seed, after, ...next } : (next.seed ?? seed))
  return (
    <div className="flex items-center gap-1">
      <NumberInput
        id={id}
        label={label}
        value={seed}
        onChange={(next) => give({ seed: next })}
        onExact={(next) => give({ seed: next })}
        min={0}
        max={LARGEST_SEED}
        whole
        describedBy={describedBy}
        invalid={invalid}
        disabled={disabled}
        className="min-w-0 flex-1"
      />
      <IconButton
        label={t('Another seed')}
        look="plain"
        onClick={() => give({ seed: randomSeed() })}
        disabled={disabled}
      >
        <Dices size={16} />
      </IconButton>
      {after ? (
        <IconButton
          label={locked ? t('The seed stays. Draw a new one after each run') : t('Keep this seed')}
          look="plain"
          pressed={locked}
          onClick={() => give({ after: locked ? 'randomize' : 'fixed' })}
          disabled={disabled}
        >
          {locked ? <Lock size={16} /> : <LockOpen size={16} />}
        </IconButton>
      ) : null}
    </div>
  )
}
