// The browser's database, in memory.
import 'fake-indexeddb/auto'
