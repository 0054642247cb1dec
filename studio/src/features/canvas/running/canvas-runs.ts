/** What the Run button does on this screen, and what it is called: by what lies in the box. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { create } from 'zustand'
import { useDocuments } from '@/app/documents'
import { useRefusals } from '@/app/run'
import { useRuns } from '@/app/run-target'
import { readRole } from '@/doc/roles'
import { useRecipeList } from '@/form/recipe-list'
import { t } from '@/i18n/text'
import { useDefinitions } from '@/net/definitions'
import { toast } from '@/ui/toasts'
import { useSizes } from '../box/box-actions'
import { boxFacts } from '../box/box-contents'
import { editCanvas, useCanvas } from '../state/canvas-document'
import type { CanvasSession } from '../state/session'
import { recipeFor } from './compile'
import { runCanvas } from './generate'
import { type BoxFacts, type Mode, modeOf } from './mode'
import { modelOf } from './recipes'

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
  const { data } = useRecipeList()
  const mode = useMode(session)
  const facts = useFacts()
  const wanted = useCanvas(session.document, (canvas) => canvas.settings.model)
  const model = modelOf(data, wanted)
  useFirstBox(session, model)
  useFirstPrompt(session)
  const reason = !data
    ? t('The list of models is on its way.')
    : !model
      ? t('There is no model that draws yet.')
      : !model.tasks.includes(recipeFor(mode.task, facts.selected !== null))
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

/** A document that was begun elsewhere has a prompt already: the canvas begins with it. */
function useFirstPrompt(session: CanvasSession): void {
  const { definitions } = useDefinitions()
  useEffect(() => {
    const workflow = useDocuments.getState().open[session.document]?.workflow
    if (!definitions || !workflow || workflow.nodes.length === 0) return
    const { settings } = session.canvas
    if (settings.prompt || settings.negative || session.canvas.layers.length > 0) return
    const read = (role: string) => {
      const value = readRole(workflow, definitions, role)
      return typeof value === 'string' ? value : ''
    }
    const [prompt, negative] = [read('prompt.positive'), read('prompt.negative')]
    if (!prompt && !negative) return
    editCanvas(
      session.document,
      t('Prompt'),
      (canvas) => {
        Object.assign(canvas.settings, { prompt, negative })
      },
      { silent: true },
    )
  }, [session, definitions])
}
