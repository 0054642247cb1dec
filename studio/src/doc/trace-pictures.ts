/** Pictures that people bring: to start from, to mask with, to look at, to be steered by. */
import { type FlowNode, inputNames, inputType, reach, sourceOf } from './flow'
import { add, type Trace } from './trace-start'
import { keyOf, valueBehind } from './value-trace'
import { isUpload } from './widget-reading'
import type { Role } from './workflow'

/** Whether a widget is a picture that people bring. */
export function isPicture(at: FlowNode, name: string): boolean {
  const input = at.widgets.find((entry) => entry.name === name)?.input
  if (input?.settings.image_upload) return true
  return !at.definition && name === 'image' && /LoadImage/.test(at.node.type)
}

/** Whether a widget is a file that people bring. */
export const isFile = (at: FlowNode, name: string): boolean =>
  isUpload(at.widgets.find((entry) => entry.name === name)?.input) || isPicture(at, name)

/** Nodes that steer by a picture. Each gets a number. */
export function traceControls(found: Trace): void {
  const controls = [...found.feeding.values()].filter((at) => {
    const names = inputNames(at)
    return names.includes('strength') && names.some((name) => inputType(at, name) === 'CONTROL_NET')
  })
  controls.forEach((at, number) => {
    const role = (part: string): Role => `control[${number}].${part}`
    add(found, role('strength'), valueBehind(found.flow, at, 'strength'))
    add(found, role('start'), valueBehind(found.flow, at, 'start_percent'))
    add(found, role('end'), valueBehind(found.flow, at, 'end_percent'))
    for (const part of reach(found.flow, [at], (type) => type === 'CONTROL_NET').values()) {
      if (part !== at) add(found, role('model'), valueBehind(found.flow, part, 'control_net_name'))
    }
    for (const picture of reach(found.flow, [at], (type) => type === 'IMAGE').values()) {
      const own = picture.widgets.filter((widget) => picture !== at && isPicture(picture, widget.name))
      for (const widget of own) add(found, role('image'), valueBehind(found.flow, picture, widget.name))
    }
  })
}

/** Pictures that latents start from, masks, and pictures that are looked at. */
export function tracePictures(found: Trace): void {
  const started = reach(
    found.flow,
    found.drawing,
    (type, name) => type === 'LATENT' || (type === 'IMAGE' && !/ref|mask|control|clip_vision/.test(name)),
  )
  const masking = [...found.feeding.values()].filter((at) =>
    inputNames(at).some((name) => inputType(at, name) === 'MASK'),
  )
  const masks = reach(found.flow, masking, (type) => type === 'MASK')
  for (const at of found.feeding.values()) {
    const isMask = onlyMasks(at) || (masks.has(at.id) && !givesImage(found, at))
    const role = isMask
      ? 'image.mask'
      : started.has(at.id) || found.drawing.length === 0
        ? 'image.init'
        : 'image.reference'
    for (const { name } of at.widgets) if (isPicture(at, name)) addPicture(found, role, at, name)
  }
  promoteReference(found)
}

/** One picture is what is begun with; further ones are looked at. */
function addPicture(found: Trace, role: Role, at: FlowNode, name: string): void {
  const value = valueBehind(found.flow, at, name)
  if (!value || controlPictures(found).has(keyOf(value.place))) return
  const isSecond = role === 'image.init' && found.roles['image.init']
  add(found, isSecond ? 'image.reference' : role, value)
}

const controlPictures = (found: Trace): Set<string> =>
  new Set(
    Object.entries(found.roles).flatMap(([role, places]) =>
      role.startsWith('control[') ? places.map(keyOf) : [],
    ),
  )

/** Where nothing is begun with, the first picture that is looked at is the one that people bring. */
function promoteReference(found: Trace): void {
  const [first, ...rest] = found.roles['image.reference'] ?? []
  if (found.roles['image.init'] || !first) return
  found.roles['image.init'] = [first]
  if (rest.length > 0) found.roles['image.reference'] = rest
  else delete found.roles['image.reference']
}

const onlyMasks = (at: FlowNode): boolean =>
  (at.node.outputs ?? []).length > 0 && (at.node.outputs ?? []).every((output) => output.type === 'MASK')

const givesImage = (found: Trace, at: FlowNode): boolean =>
  [...found.feeding.values()].some((user) =>
    inputNames(user).some((name) => {
      const source = sourceOf(found.flow, user, name)
      if (!source || !('at' in source) || source.at.id !== at.id) return false
      return source.at.node.outputs?.[source.output]?.type !== 'MASK'
    }),
  )
