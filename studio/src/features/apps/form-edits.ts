/** Changes of a form's tree of elements. Every function gives a new list; nothing is changed in place. */
import type { FormElement, FormField } from '@/doc/form'

export type Container = Extract<FormElement, { children: FormElement[] }>

export const isContainer = (element: FormElement): element is Container => 'children' in element

export function findElement(elements: readonly FormElement[], id: string): FormElement | undefined {
  for (const element of elements) {
    const found =
      element.id === id ? element : isContainer(element) ? findElement(element.children, id) : undefined
    if (found) return found
  }
  return undefined
}

/** The list with one element replaced by what `change` makes of it; undefined takes it out. */
export function changeElement(
  elements: readonly FormElement[],
  id: string,
  change: (element: FormElement) => FormElement | undefined,
): FormElement[] {
  return elements.flatMap((element) => {
    if (element.id === id) return change(element) ?? []
    return isContainer(element)
      ? [{ ...element, children: changeElement(element.children, id, change) }]
      : [element]
  })
}

export const removeElement = (elements: readonly FormElement[], id: string): FormElement[] =>
  changeElement(elements, id, () => undefined)

/** The list with an element before another one; at the end if there is no such other. */
export function insertBefore(
  elements: readonly FormElement[],
  added: FormElement,
  before: string,
): FormElement[] {
  if (!before || !findElement(elements, before)) return [...elements, added]
  return elements.flatMap((element) => {
    if (element.id === before) return [added, element]
    return isContainer(element)
      ? [{ ...element, children: insertInside(element.children, added, before) }]
      : [element]
  })
}

const insertInside = (children: readonly FormElement[], added: FormElement, before: string): FormElement[] =>
  findElement(children, before) ? insertBefore(children, added, before) : [...children]

/** The list with an element as the last one in a container. */
export const insertInto = (
  elements: readonly FormElement[],
  added: FormElement,
  container: string,
): FormElement[] =>
  changeElement(elements, container, (element) =>
    isContainer(element) ? { ...element, children: [...element.children, added] } : element,
  )

/** Moves an element before another one, or into a container; never into itself. */
export function moveElement(
  elements: readonly FormElement[],
  id: string,
  target: { before: string } | { into: string },
): FormElement[] {
  const moved = findElement(elements, id)
  const wanted = 'before' in target ? target.before : target.into
  if (!moved || id === wanted || (isContainer(moved) && findElement(moved.children, wanted)))
    return [...elements]
  const rest = removeElement(elements, id)
  return 'before' in target ? insertBefore(rest, moved, target.before) : insertInto(rest, moved, target.into)
}

/** Moves an element one place up or down: into the container that it meets, or out of the one that it is in. */
export function stepElement(elements: readonly FormElement[], id: string, by: 1 | -1): FormElement[] {
  const at = elements.findIndex((element) => element.id === id)
  if (at < 0) return stepInside(elements, id, by)
  const moved = elements[at] as FormElement
  const beside = elements[at + by]
  if (!beside) return [...elements]
  const rest = elements.filter((element) => element !== moved)
  if (isContainer(beside) && !isContainer(moved)) {
    const children = by < 0 ? [...beside.children, moved] : [moved, ...beside.children]
    return rest.map((element) => (element === beside ? { ...beside, children } : element))
  }
  rest.splice(at + by, 0, moved)
  return rest
}

function stepInside(elements: readonly FormElement[], id: string, by: 1 | -1): FormElement[] {
  return elements.flatMap((element): FormElement[] => {
    if (!isContainer(element) || !findElement(element.children, id)) return [element]
    const edge = by < 0 ? element.children[0] : element.children.at(-1)
    const moved = element.children.find((child) => child.id === id)
    if (!moved || edge !== moved) return [{ ...element, children: stepElement(element.children, id, by) }]
    const left = { ...element, children: element.children.filter((child) => child !== moved) }
    return by < 0 ? [moved, left] : [left, moved]
  })
}

/** All elements with how deep they stand, as a list is drawn. */
export function flatElements(
  elements: readonly FormElement[],
  depth = 0,
): { element: FormElement; depth: number }[] {
  return elements.flatMap((element) => [
    { element, depth },
    ...(isContainer(element) ? flatElements(element.children, depth + 1) : []),
  ])
}

/** An id that no element has. */
export function freeId(elements: readonly FormElement[], kind: string): string {
  for (let number = 1; ; number += 1) {
    const id = `${kind}-${number}`
    if (!findElement(elements, id)) return id
  }
}

/** A new element of a kind with the words that it begins with. */
export function newElement(
  elements: readonly FormElement[],
  kind: Exclude<FormElement['kind'], 'field'>,
  words: string,
): FormElement {
  const id = freeId(elements, kind)
  if (kind === 'heading' || kind === 'text') return { kind, id, text: words }
  if (kind === 'divider') return { kind, id }
  if (kind === 'picture') return { kind, id, url: '' }
  return { kind, id, title: words, children: [] }
}

export const changeField = (
  elements: readonly FormElement[],
  id: string,
  change: Partial<FormField>,
): FormElement[] =>
  changeElement(elements, id, (element) =>
    element.kind === 'field' ? withoutEmpty({ ...element, ...change }) : element,
  )

const withoutEmpty = (field: FormField): FormField =>
  Object.fromEntries(
    Object.entries(field).filter(([, value]) => value !== undefined && value !== ''),
  ) as unknown as FormField
