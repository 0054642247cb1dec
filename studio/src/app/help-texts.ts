/** Short help, one page a screen: what it is for, how one begins, what one may not find by oneself. */
import { t } from '@/i18n/text'

export interface HelpPage {
  lead: string
  parts: { title: string; text: string }[]
}

const PAGES: Record<string, () => HelpPage> = {
  create: () => ({
    lead: t('Write what you want to see, and run it. Everything else has a value already.'),
    parts: [
      {
        title: t('Prompt'),
        text: t(
          'Select words and press Ctrl with the up or down arrow to weigh them more or less. {a|b} chooses one of them anew each time.',
        ),
      },
      {
        title: t('Seed'),
        text: t(
          'The same seed with the same settings draws the same picture. Lock it to change one thing at a time.',
        ),
      },
      {
        title: t('From noise to picture'),
        text: t('Below a finished picture the slider goes back through its steps.'),
      },
      {
        title: t('Settings of an earlier picture'),
        text: t(
          'Drop a picture that ComfyUI, A1111 or Limner made, or paste its text: its settings come along.',
        ),
      },
    ],
  }),
  canvas: () => ({
    lead: t('Paint, mask and extend pictures. What happens is decided by what is in the box.'),
    parts: [
      {
        title: t('The box'),
        text: t(
          'It is what the model sees and the size that is drawn. Empty: a new picture. Masked: only the mask changes. With holes: they are filled.',
        ),
      },
      {
        title: t('Results'),
        text: t('They appear in the box first. Accept one as a layer, discard it, or ask for more.'),
      },
      { title: t('For a moment'), text: t('Hold the key of a tool to use it, and let go to return.') },
    ],
  }),
  graph: () => ({
    lead: t('The workflow as it is run: nodes, and what flows between them.'),
    parts: [
      {
        title: t('Adding nodes'),
        text: t('Double-click into the empty space, or pull a link there. Only what fits is offered.'),
      },
      { title: t('What went wrong'), text: t('The message stands in the node. F8 goes to the next one.') },
      {
        title: t('Without a mouse'),
        text: t(
          'Tab goes from node to node in the order in which they run, Enter into its fields, K connects.',
        ),
      },
      {
        title: t('Nothing is lost'),
        text: t('Nodes that are not installed stay in the file with all their links and values.'),
      },
    ],
  }),
  apps: () => ({
    lead: t('A workflow as a form, for yourself, for others, and for programs.'),
    parts: [
      {
        title: t('Making one'),
        text: t('Open a workflow and tick the values that may change. Order and name them as you like.'),
      },
      {
        title: t('Sharing'),
        text: t('Give somebody the link or the file. On a phone the form fills the screen.'),
      },
    ],
  }),
  compare: () => ({
    lead: t('The same picture with other values, side by side.'),
    parts: [
      {
        title: t('Values'),
        text: t('Write 1, 2, .., 10 or 1-10 (+3) or 0.1-0.9 [5], or choose from a list.'),
      },
      {
        title: t('It goes on'),
        text: t('A comparison survives a restart, and a single cell can be tried again.'),
      },
    ],
  }),
  queue: () => ({
    lead: t('What runs, what waits, what failed and why.'),
    parts: [
      { title: t('Order'), text: t('Drag what waits, or send it to the top. Paused, nothing new begins.') },
      {
        title: t('Failed'),
        text: t('Each says at which node and why. Try it again, or open it as a graph.'),
      },
    ],
  }),
  gallery: () => ({
    lead: t('Everything that was drawn, found by words, dates and settings.'),
    parts: [
      {
        title: t('Search'),
        text: t('Words look into prompts and names. model:, seed:, size> and tag: narrow it down.'),
      },
      {
        title: t('Use it again'),
        text: t('Every value of a picture can be taken over by itself, or all of them at once.'),
      },
      { title: t('Trash'), text: t('What is deleted waits there for 30 days.') },
    ],
  }),
  models: () => ({
    lead: t('What is installed, how more comes, and where it lies.'),
    parts: [
      {
        title: t('More models'),
        text: t('From the list, by a link, as a file, or in a folder of another program where they stay.'),
      },
      {
        title: t('Safe files'),
        text: t(
          'A .ckpt or .pt may run a program when it is opened, so files of that kind are refused here.',
        ),
      },
      {
        title: t('Notes'),
        text: t('Trigger words, recommended settings and notes of a model are kept on the server.'),
      },
    ],
  }),
  settings: () => ({
    lead: t('How the studio looks and behaves; and how the server is.'),
    parts: [
      {
        title: t('Another browser'),
        text: t('What you choose is kept on the server too, and is there in your next browser.'),
      },
      { title: t('Keys'), text: t('Every command can get other keys. Two with the same ones are marked.') },
    ],
  }),
}

export const helpOf = (screen: string): HelpPage | undefined => PAGES[screen]?.()
