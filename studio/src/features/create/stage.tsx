import { useEffect } from 'react'
import { jobsOfDocument, useJobs } from '@/app/jobs'
import { ActionBar } from './action-bar'
import { CompareView } from './compare-view'
import { EmptyStage } from './empty-stage'
import { FailedNote } from './failed-note'
import { JobLine } from './job-line'
import { PictureView } from './picture-view'
import { ResultGrid } from './result-grid'
import { followNewest, useStage } from './stage-state'
import { StepSlider } from './step-slider'
import { type Result, useResults } from './use-results'

export interface StageProps {
  document: string
  narrow: boolean
}

/** The middle of the screen: what is being drawn, what was drawn, and what can be done with it. */
export function Stage({ document, narrow }: StageProps) {
  const results = useResults(document)
  const running = useLiveJob(document)
  const chosen = useStage((state) => state.chosen[document] ?? '')
  const mode = useStage((state) => state.mode)
  const step = useStage((state) => state.step)
  useEffect(() => {
    if (running) followNewest(document)
  }, [running, document])
  const result = results.find((one) => one.key === chosen) ?? (running ? undefined : results[0])
  const siblings = result ? results.filter((one) => one.group === result.group) : []
  if (!result && !running) return <EmptyStage document={document} />
  const job = result?.job ?? running
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <JobLine document={document} job={running} />
      <FailedNote document={document} />
      <div className="relative flex min-h-0 flex-1 flex-col max-sm:min-h-[100vw] max-sm:flex-none">
        {result && mode === 'grid' && siblings.length > 1 ? (
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

/** The job of a document that is drawn now, or that waits for it; empty if there is none. */
function useLiveJob(document: string): string {
  return useJobs((state) => {
    const jobs = jobsOfDocument(state, document)
    const job = jobs.find((one) => one.state === 'running') ?? jobs.find((one) => one.state === 'waiting')
    return job?.id ?? ''
  })
}

function chooseBeside(results: Result[], result: Result | undefined, document: string, by: number): void {
  const at = results.findIndex((one) => one.key === result?.key)
  const next = results[at + by]
  if (at >= 0 && next)
    useStage.setState(({ chosen }) => ({ chosen: { ...chosen, [document]: next.key }, step: -1 }))
}
