import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'
import { Skeleton } from '@/ui/skeleton'
import { ensureDocument } from './start-document'

/** The form's place while recipes are on their way, or what keeps them from coming. */
export function FormSkeleton({ failed }: { failed: string }) {
  return (
    <div className="flex flex-col gap-4 p-4">
      {failed ? (
        <ErrorNote
          title={t('The form could not be made.')}
          actions={
            <Button small onClick={() => void ensureDocument()}>
              {t('Try again')}
            </Button>
          }
        >
          {failed}
        </ErrorNote>
      ) : null}
      <Skeleton className="h-12" />
      <Skeleton className="h-8" />
      <Skeleton className="h-24" />
      <Skeleton className="h-16" />
      <Skeleton className="h-8" />
    </div>
  )
}
