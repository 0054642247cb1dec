import { Component, type ReactNode } from 'react'
import { t } from '@/i18n/text'
import { Button } from '@/ui/button'
import { ErrorNote } from '@/ui/error-note'

/** Keeps a fault in one part from taking the page along: the part says so, everything else goes on. */
export class Failsafe extends Component<{ what: string; children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null }

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    if (!this.props.what) return null
    return (
      <div className="mx-auto max-w-xl p-6">
        <ErrorNote
          title={t('{{what}} stopped working.', { what: this.props.what })}
          actions={
            <>
              <Button onClick={() => this.setState({ error: null })}>{t('Try again')}</Button>
              <Button onClick={() => location.reload()}>{t('Reload the page')}</Button>
            </>
          }
        >
          {error.message}
        </ErrorNote>
      </div>
    )
  }
}
