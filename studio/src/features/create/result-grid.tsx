import { t } from '@/i18n/text'
import { fileUrl } from '@/net/files'
import { choose } from './stage-state'
import type { Result } from './use-results'

/** All pictures of one run; a click shows one alone. */
export const ResultGrid = ({ document, results }: { document: string; results: Result[] }) => (
  <div className="grid min-h-0 flex-1 grid-cols-[repeat(auto-fit,minmax(min(240px,45%),1fr))] content-start gap-2 overflow-auto p-2">
    {[...results].reverse().map((result, at) => (
      <button
        key={result.key}
        type="button"
        onClick={() => choose(document, result.key)}
        aria-label={t('Show picture {{number}}', { number: at + 1 })}
        className="overflow-hidden rounded-card border hover:border-accent"
      >
        <img
          src={fileUrl(result.file)}
          alt=""
          loading="lazy"
          data-picture="result"
          className="block max-h-[60vh] w-full object-contain"
        />
      </button>
    ))}
  </div>
)
