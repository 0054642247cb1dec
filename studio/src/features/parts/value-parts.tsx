import { t } from '@/i18n/text'

const COLOURS = [
  'bg',
  'surface',
  'raised',
  'overlay',
  'line',
  'line-strong',
  'text',
  'muted',
  'faint',
  'accent',
  'accent-fill',
  'accent-soft',
  'ok',
  'warn',
  'err',
  'info',
  'danger-fill',
]
const PORTS = [
  'image',
  'mask',
  'latent',
  'model',
  'clip',
  'vae',
  'conditioning',
  'control',
  'text',
  'int',
  'float',
  'bool',
  'any',
]
const SIZES = [
  'text-caption',
  'text-label',
  'text-body',
  'text-field',
  'text-section',
  'text-title',
  'text-hero',
]

/** The tokens: colours, port colours, sizes of type. */
export const ValueParts = () => (
  <section className="flex flex-col gap-3 rounded-card border bg-surface p-4">
    <h2 className="text-section font-semibold">{t('Tokens')}</h2>
    <Swatches names={COLOURS} prefix="--" />
    <Swatches names={PORTS} prefix="--port-" />
    <div>
      {SIZES.map((size) => (
        <p key={size} className={`${size} truncate`}>
          {size.slice(5)} · {t('Make pictures')}
        </p>
      ))}
    </div>
  </section>
)

const Swatches = ({ names, prefix }: { names: string[]; prefix: string }) => (
  <ul className="grid grid-cols-4 gap-2">
    {names.map((name) => (
      <li key={name} className="min-w-0">
        <span className="block h-6 rounded-small border" style={{ background: `var(${prefix}${name})` }} />
        <span className="block truncate text-caption text-muted">{name}</span>
      </li>
    ))}
  </ul>
)
