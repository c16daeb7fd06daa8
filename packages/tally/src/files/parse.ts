import { readCsv } from './ballot-csv.ts'
import { readBlt } from './blt.ts'
import { MalformedFile, quote } from './malformed-file.ts'
import { readPabulib } from './pabulib.ts'
import { readPrefLib } from './preflib.ts'
import type { Profile } from './profile.ts'
import { linesOf } from './source.ts'

/**
 * Reads a file of ballots in the format that its name's ending tells: `.soc .soi .toc .toi` (PrefLib), `.blt`,
 * `.pb` (Pabulib), `.csv`. Time and memory grow with the text, which may have 100 MiB.
 *
 * @param fileName - only its ending matters, in any case
 * @throws MalformedFile with line, column and code; nothing else, whatever the text
 */
export function parseProfile(text: string, fileName: string): Profile {
  const extension = /\.([^./\\]*)$/.exec(fileName)?.[1]?.toLowerCase() ?? ''
  switch (extension) {
    case 'soc':
    case 'soi':
    case 'toc':
    case 'toi':
      return readPrefLib(linesOf(text), extension)
    case 'blt':
      return readBlt(linesOf(text))
    case 'pb':
      return readPabulib(linesOf(text))
    case 'csv':
      return readCsv(linesOf(text))
    default:
      throw new MalformedFile(
        'UNKNOWN_FORMAT',
        { line: 1, column: 1 },
        `the name ends in ${quote(extension)}; known are .soc .soi .toc .toi .blt .pb .csv`,
      )
  }
}
