/** Joins a painted mask with its picture on the server, which keeps the picture's own colours below the mask. */
import { send } from '@/net/api'
import { fileOfInput, inputName } from '@/net/files'

/** Name of the picture that has the mask in its alpha. */
export async function sendMask(value: string, mask: Blob): Promise<string> {
  const original = fileOfInput(value)
  const stem = original.filename.replace(/\.[a-z0-9]+$/i, '').replace(/-masked-[a-z0-9]+$/, '')
  const form = new FormData()
  form.append('image', mask, `${stem.slice(0, 60)}-masked-${Date.now().toString(36)}.png`)
  form.append('original_ref', JSON.stringify(original))
  const answer = await send('POST', '/upload/mask', form)
  const said = (await answer.json()) as { name: string; subfolder?: string }
  return inputName({ filename: said.name, subfolder: said.subfolder ?? '', type: 'input' })
}
