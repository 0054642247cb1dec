/** Example workflows that node packs bring, and those of the official page where it is installed. */
import { getJson, readJson, send } from './api'
import { besideStudio } from './beside'

export interface Template {
  /** Where its file is fetched. */
  url: string
  title: string
  /** Where it comes from, for people. */
  from: string
  description: string
}

interface IndexGroup {
  title?: string
  moduleName?: string
  templates?: { name: string; title?: string; description?: string }[]
}

/** All templates there are; none is no error. */
export async function listTemplates(): Promise<Template[]> {
  const { templates } = await besideStudio()
  const [packs, official] = await Promise.all([
    getJson<Record<string, string[]>>('/workflow_templates').catch(() => ({})),
    templates ? getJson<IndexGroup[]>(`${templates}index.json`).catch(() => []) : [],
  ])
  return [...ofPacks(packs), ...ofIndex(official, templates)]
}

const ofPacks = (packs: Record<string, string[]>): Template[] =>
  Object.entries(packs).flatMap(([pack, names]) =>
    names.map((name) => ({
      url: `/api/workflow_templates/${encodeURIComponent(pack)}/${encodeURIComponent(name)}.json`,
      title: name,
      from: pack,
      description: '',
    })),
  )

const ofIndex = (groups: unknown, root: string): Template[] =>
  (Array.isArray(groups) ? (groups as IndexGroup[]) : []).flatMap((group) =>
    (group.templates ?? []).map((template) => ({
      url: `${root}${encodeURIComponent(template.name)}.json`,
      title: template.title || template.name,
      from: group.title || 'ComfyUI',
      description: template.description ?? '',
    })),
  )

export const readTemplate = async (template: Template): Promise<unknown> =>
  readJson(await send('GET', template.url, undefined))
