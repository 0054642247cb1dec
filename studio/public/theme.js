// Before the first paint, so that nothing flashes: the theme and density that were chosen last time.
;(() => {
  let kept = {}
  try {
    kept = JSON.parse(localStorage.getItem('limner.preferences') || '{}').state || {}
  } catch {
    // A broken entry counts as none.
  }
  const root = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const theme = kept.theme && kept.theme !== 'system' ? kept.theme : dark ? 'dark' : 'light'
  root.dataset.theme = theme
  root.dataset.density = kept.density || 'comfortable'
  if (kept.accent) root.dataset.accent = kept.accent
  if (kept.language) root.lang = kept.language
})()
