/** What the Run button does on this screen, and what it is called: by what lies in the box. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { create } from 'zustand'
import { useRefusals } from '@/app/run'
import { useRuns } from '@/app/run-target'
import { t } from '@/i18n/text'
import { toast } from '@/ui/toasts'
import { useSizes } from './box-actions'
import { boxFacts } from './box-contents'
import { editCanvas, useCanvas } from './canvas-document'
import { runCanvas } from './generate'
import { type BoxFacts, type Mode, modeOf } from './mode'
import { modelOf, useRecipes } from './recipes'
import type { CanvasSession } from './session'

const WAIT = 200

const useFacts = create<BoxFacts>(() => ({ masked: 0, open: 1, selected: null }))

/** What a run would do now, and why. */
export function useMode(session: CanvasSession): Mode {
  const facts = useFacts()
  const strength = useCanvas(session.document, (canvas) => canvas.settings.strength)
  const forced = useCanvas(session.document, (canvas) => canvas.task)
  return useMemo(() => modeOf(facts, strength, forced), [facts, strength, forced])
}

/** Looks at what lies in the box a moment after it changed. */
function useWatchedFacts(session: CanvasSession): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      clearTimeout(timer)
      timer = setTimeout(() => useFacts.setState(boxFacts(session)), WAIT)
    }
    look()
    const stops = [session.watch(look), session.state.subscribe(look)]
    return () => {
      clearTimeout(timer)
      for (const stop of stops) stop()
    }
  }, [session])
}

export function useCanvasRuns(session: CanvasSession): void {
  useWatchedFacts(session)
  const client = useQueryClient()
  const { data } = useRecipes()
  const mode = useMode(session)
  const wanted = useCanvas(session.document, (canvas) => canvas.settings.model)
  const model = modelOf(data, wanted)
  useFirstBox(session, model)
  const reason = !data
    ? t('The list of models is on its way.')
    : !model
      ? t('There is no model that draws yet.')
      : mode.task !== 'outpaint' && !model.tasks.includes(mode.task)
        ? t('{{model}} cannot do this.', { model: model.title })
        : ''
  useRuns(
    useMemo(
      () => ({
        label: mode.label,
        reason,
        run: async (wish) => {
          if (!model) return
          await runCanvas(session, model, mode.task, wish, client)
          const refused = useRefusals.getState().refused[session.document]
          if (refused)
            toast({
              tone: 'err',
              text: [refused.message, refused.problems[0]?.message].filter(Boolean).join(' '),
            })
        },
      }),
      [session, model, mode.label, mode.task, reason, client],
    ),
  )
}

/** The box begins at the size that the model draws best. */
function useFirstBox(session: CanvasSession, model: ReturnType<typeof modelOf>): void {
  useEffect(() => {
    if (!model) return
    useSizes.setState(model.sizes)
    if (session.canvas.box.width > 0) return
    editCanvas(
      session.document,
      t('Box'),
      (canvas) => {
        canvas.box = { x: 0, y: 0, width: model.defaults.width, height: model.defaults.height }
      },
      { silent: true },
    )
  }, [session, model])
}
