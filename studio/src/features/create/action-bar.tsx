import { Columns2, Grid2x2, Image } from 'lucide-react'
import { useMemo } from 'react'
import { useCommands } from '@/app/commands'
import { PictureActionRow, usePictureActions, usePictureKeys } from '@/app/picture-actions'
import { t } from '@/i18n/text'
import { IconButton } from '@/ui/button'
import { followNewest, setMode, toggleComparing, useIsGrid, useStage } from './stage-state'
import { hide, showAgain } from './trashed'
import type { Result } from './use-results'

export interface ActionBarProps {
  document: string
  result: Result | undefined
  /** Pictures of the same run. */
  siblings: Result[]
  results: Result[]
  narrow: boolean
}

/** What can be done with the picture that is shown; always in the same place, below it. */
export function ActionBar({ document, result, siblings, results }: ActionBarProps) {
  const mode = useStage((state) => state.mode)
  const actions = usePictureActions(result?.file, {
    onGone: () => {
      if (!result) return
      hide(result.key)
      followNewest(document)
    },
    onBack: () => result && showAgain(result.key),
  })
  usePictureKeys(result?.file, actions)
  useBrowsing(document, result, results)
  const isGrid = useIsGrid(document, siblings.length)
  return (
    <div className="flex min-h-14 shrink-0 items-center gap-2 border-t bg-surface px-3 py-2 max-sm:min-h-16">
      {result ? (
        <>
          <div className="flex shrink-0 items-center gap-1">
            {siblings.length > 1 ? (
              <IconButton
                label={isGrid ? t('One picture') : t('All pictures of this run')}
                side="top"
                pressed={isGrid}
                onClick={() => setMode(isGrid ? 'single' : 'grid')}
              >
                {isGrid ? <Image size={16} /> : <Grid2x2 size={16} />}
              </IconButton>
            ) : null}
            <IconButton
              label={t('Compare before and after')}
              keys="C"
              side="top"
              pressed={mode === 'compare'}
              onClick={toggleComparing}
            >
              <Columns2 size={16} />
            </IconButton>
          </div>
          <div className="min-w-0 flex-1 overflow-x-auto">
            <PictureActionRow actions={actions} />
          </div>
        </>
      ) : null}
    </div>
  )
}

/** Arrow keys between pictures, and C for before and after. */
function useBrowsing(document: string, result: Result | undefined, results: Result[]): void {
  useCommands(
    useMemo(() => {
      const go = (by: number) => {
        const next = results[results.findIndex((one) => one.key === result?.key) + by]
        if (next)
          useStage.setState(({ chosen }) => ({ chosen: { ...chosen, [document]: next.key }, step: -1 }))
      }
      const group = t('Picture')
      return [
        { id: 'create.newer', label: t('Newer picture'), keys: 'ArrowLeft', group, run: () => go(-1) },
        { id: 'create.older', label: t('Older picture'), keys: 'ArrowRight', group, run: () => go(1) },
        {
          id: 'create.compare',
          label: t('Compare before and after'),
          keys: 'c',
          group,
          run: toggleComparing,
        },
      ]
    }, [document, result?.key, results]),
  )
}
