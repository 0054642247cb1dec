/** How programs run an app with exactly the values that its form has now, in three languages. */

import { type AppInput, fieldsIn } from '@/app/saved-apps'
import type { Definitions } from '@/doc/definitions'
import type { Form } from '@/doc/form'
import { inputNames } from '@/doc/input-names'
import { readPlace } from '@/doc/widgets'
import type { Workflow } from '@/doc/workflow'

export type Language = 'curl' | 'python' | 'javascript'

/** Values by the names that programs use. An input that the app does not take is left out. */
export function valuesOf(
  workflow: Workflow,
  definitions: Definitions,
  form: Form,
  inputs: AppInput[],
): Record<string, unknown> {
  const known = new Set(inputs.map((input) => input.name))
  const values: Record<string, unknown> = {}
  for (const { name, places } of inputNames(fieldsIn(form.elements))) {
    const value = places[0] && readPlace(workflow, definitions, places[0])
    if (known.has(name) && value !== undefined) values[name] = value
  }
  return values
}

/** A program that runs an app and saves its first file. */
export function programFor(language: Language, address: string, values: Record<string, unknown>): string {
  const body = JSON.stringify(values, null, 2)
  if (language === 'curl')
    return `curl ${address} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body.replaceAll("'", "'\\''")}'`
  if (language === 'python') return python(address, values)
  return javascript(address, body)
}

const python = (address: string, values: Record<string, unknown>): string => `import json
import urllib.request

values = json.loads(r'''${JSON.stringify(values, null, 4).replaceAll("'''", '\\u0027\\u0027\\u0027')}''')
request = urllib.request.Request("${address}", json.dumps(values).encode(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request) as answer:
    made = json.load(answer)["outputs"][0]
urllib.request.urlretrieve(made["url"], made["filename"])
print(made["filename"])`

const javascript = (address: string, body: string): string => `const answer = await fetch('${address}', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),
})
const { outputs } = await answer.json()
console.log(outputs[0].url)`
