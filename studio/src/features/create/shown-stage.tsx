import { useEffect } from 'react'
import { ActionBar } from './action-bar'
import { CompareView } from './compare-view'
import { FailedNote } from './failed-note'
import { JobLine } from './job-line'
import { PictureView } from './picture-view'
import { ResultGrid } from './result-grid'
import type { StageProps } from './stage'
import { followNewest, useIsGrid, useStage } from './stage-state'
import { StepSlider } from './step-slider'
import type { Result } from './use-results'

interface ShownStageProps extends StageProps {
  results: Result[]
  /** The job that is drawn now; empty if there is none. */
  running: string
}

/** The picture that is chosen or being drawn, how far it is, and what can be done with it. */
export default function ShownStage({ document, narrow, results, running }: ShownStageProps) {
  const chosen = useStage((state) => state.chosen[document] ?? '')
  const mode = useStage((state) => state.mode)
  const step = useStage((state) => state.step)
  useEffect(() => {
    if (running) followNewest(document)
  }, [running, document])
  const result = results.find((one) => one.key === chosen) ?? (running ? undefined : results[0])
  const siblings = result ? results.filter((one) => one.group === result.group) : []
  const isGrid = useIsGrid(document, siblings.length)
  const job = result?.job ?? running
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <JobLine document={document} job={running} />
      <FailedNote document={document} />
      <div className="relative flex min-h-0 flex-1 flex-col max-sm:min-h-[100vw] max-sm:flex-none">
        {result && isGrid ? (
          <ResultGrid document={document} results={siblings} />
        ) : result && mode === 'compare' ? (
          <CompareView document={document} result={result} results={results} />
        ) : (
          <PictureView
            document={document}
            job={job}
            result={result}
            step={result ? step : -1}
            onNext={(by) => chooseBeside(results, result, document, by)}
          />
        )}
      </div>
      <StepSlider job={job} live={!result} />
      <ActionBar document={document} result={result} siblings={siblings} results={results} narrow={narrow} />
    </div>
  )
}

function chooseBeside(results: Result[], result: Result | undefined, document: string, by: number): void {
  const at = results.findIndex((one) => one.key === result?.key)
  const next = results[at + by]
  if (at >= 0 && next)
    useStage.setState(({ chosen }) => ({ chosen: { ...chosen, [document]: next.key }, step: -1 }))
}
