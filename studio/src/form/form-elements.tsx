import { type ReactNode, useState } from 'react'
import type { FormElement, FormField } from '@/doc/form'
import { t } from '@/i18n/text'
import { Disclosure } from '@/ui/disclosure'
import { Tabs } from '@/ui/tabs'

export interface FormElementsProps {
  elements: readonly FormElement[]
  /** How a field is drawn; null leaves it out. */
  draw: (field: FormField) => ReactNode
}

type Container = Extract<FormElement, { children: FormElement[] }>

/** The elements of a form in their order: fields, texts, and what holds them. Tabs that follow each other are one set. */
export function FormElements({ elements, draw }: FormElementsProps) {
  const shown = elements.filter((element) => !isEmpty(element, draw))
  const tabs = shown.filter((element): element is Container => element.kind === 'tab')
  return shown.map((element) => {
    if (element.kind === 'tab')
      return element === tabs[0] ? <TabSet key={element.id} tabs={tabs} draw={draw} /> : null
    return <Element key={element.id} element={element} draw={draw} />
  })
}

/** Whether nothing of an element is shown: a part whose fields are all left out has no heading either. */
const isEmpty = (element: FormElement, draw: FormElementsProps['draw']): boolean =>
  element.kind === 'field'
    ? draw(element) === null
    : 'children' in element && element.children.every((child) => isEmpty(child, draw))

function Element({ element, draw }: { element: FormElement; draw: FormElementsProps['draw'] }) {
  switch (element.kind) {
    case 'field':
      return draw(element)
    case 'heading':
      return <h3 className="pt-2 text-section font-semibold">{element.text}</h3>
    case 'text':
      return <p className="max-w-prose text-body whitespace-pre-line text-muted">{element.text}</p>
    case 'divider':
      return <hr className="border-line" />
    case 'picture':
      return isOwn(element.url) ? (
        <img
          src={element.url}
          alt={element.alt ?? ''}
          className="max-h-64 w-full rounded-card object-contain"
        />
      ) : null
    case 'row':
      return (
        <div className="grid grid-cols-[repeat(auto-fit,minmax(112px,1fr))] items-start gap-3">
          <FormElements elements={element.children} draw={draw} />
        </div>
      )
    case 'section':
      return (
        <Disclosure name={`section.${element.id}`} title={element.title || t('Section')} open>
          <FormElements elements={element.children} draw={draw} />
        </Disclosure>
      )
    default:
      return 'children' in element ? (
        <div className="flex min-w-0 flex-col gap-3">
          {element.title ? <h3 className="text-body font-medium">{element.title}</h3> : null}
          <FormElements elements={element.children} draw={draw} />
        </div>
      ) : null
  }
}

function TabSet({ tabs, draw }: { tabs: Container[]; draw: FormElementsProps['draw'] }) {
  const [chosen, choose] = useState(tabs[0]!.id)
  const tab = tabs.find(({ id }) => id === chosen) ?? tabs[0]!
  return (
    <Tabs
      label={t('Parts of the form')}
      value={tab.id}
      onChange={choose}
      tabs={tabs.map(({ id, title }, at) => ({
        value: id,
        label: title || t('Tab {{number}}', { number: at + 1 }),
      }))}
    >
      <div className="flex flex-col gap-3 pt-3">
        <FormElements elements={tab.children} draw={draw} />
      </div>
    </Tabs>
  )
}

/** Pictures of forms and apps come from this server or lie in them: nothing is fetched from elsewhere. */
export const isOwn = (url: string): boolean => /^(\/(?!\/)|data:image\/(png|jpeg|webp|gif|avif);)/.test(url)
