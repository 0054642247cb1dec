/** Days as people say them. */
import { shownDate, t } from '@/i18n/text'

const DAY = 86_400_000

/** `Today`, `Yesterday`, `Monday, 30 November 2026`. */
export function dayName(day: string): string {
  const time = timeOf(day)
  const today = new Date()
  const begin = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime()
  const back = Math.round((begin - time) / DAY)
  if (back === 0) return t('Today')
  if (back === 1) return t('Yesterday')
  const thisYear = new Date(time).getFullYear() === today.getFullYear()
  return shownDate(time, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(thisYear ? {} : { year: 'numeric' }),
  })
}

/** `November 2026` */
export const monthName = (day: string): string => shownDate(timeOf(day), { month: 'long', year: 'numeric' })

export const timeOf = (day: string): number => {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date).getTime()
}
