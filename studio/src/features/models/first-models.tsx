import { FolderSearch, Link2, PackageSearch } from 'lucide-react'
import type { ReactNode } from 'react'
import { goTo } from '@/app/navigation'
import { t } from '@/i18n/text'
import type { AddWish } from './add-dialog'

/** While there is nothing but the tiny built-in model: the three ways to more. */
export function FirstModels({ onAdd }: { onAdd: (wish?: AddWish) => void }) {
  return (
    <section aria-label={t('More models')} className="mt-6 max-w-3xl">
      <h2 className="text-section font-semibold">{t('The tiny model is for trying things out')}</h2>
      <p className="mt-1 max-w-prose text-body text-muted">
        {t(
          'Its pictures are small and rough. There are three ways to a real one; nothing is fetched before you say so.',
        )}
      </p>
      <div className="mt-4 grid gap-3 sm:grid-cols-3">
        <Way
          icon={<PackageSearch size={20} strokeWidth={1.5} aria-hidden="true" />}
          title={t('Choose a well-known one')}
          onClick={() => goTo('models', 'find')}
        >
          {t('With licence, size and what it needs.')}
        </Way>
        <Way
          icon={<FolderSearch size={20} strokeWidth={1.5} aria-hidden="true" />}
          title={t('Use models you already have')}
          onClick={() => onAdd({ way: 'folder' })}
        >
          {t('Of another program, where they are. Nothing is copied.')}
        </Way>
        <Way
          icon={<Link2 size={20} strokeWidth={1.5} aria-hidden="true" />}
          title={t('Paste a link or drop a file')}
          onClick={() => onAdd()}
        >
          {t('An address, a repository, or a file of yours.')}
        </Way>
      </div>
    </section>
  )
}

const Way = ({
  icon,
  title,
  children,
  onClick,
}: {
  icon: ReactNode
  title: string
  children: ReactNode
  onClick: () => void
}) => (
  <button
    type="button"
    onClick={onClick}
    className="flex flex-col items-start gap-1 rounded-card border bg-raised p-4 text-start hover:border-line-strong"
  >
    <span className="mb-1 text-accent">{icon}</span>
    <span className="text-body font-medium">{title}</span>
    <span className="text-label text-muted">{children}</span>
  </button>
)
