import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeFile, MalformedFile, parseProfile } from '../src/files/index.ts'

const HEADER = '# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 2\n# NUMBER UNIQUE ORDERS: 1\n'
const NAMES = '# ALTERNATIVE NAME 1: Ann\n# ALTERNATIVE NAME 2: Ben\n# ALTERNATIVE NAME 3: Cem\n'
const SOI = HEADER + NAMES
const META = 'META\nkey;value\nnum_projects;2\nnum_votes;1\nbudget;100\nvote_type;approval\n'
const PROJECTS = 'PROJECTS\nproject_id;cost\np1;50\np2;60\n'
const PB = META + PROJECTS
const CUMULATIVE = PB.replace('approval', 'cumulative')
const MANY = Array.from({ length: 1_001 }, (_, i) => `c${i}`).join(',')

/** Every row: what is wrong, the name, the text, then code, line and column of the refusal. */
for (const [what, fileName, text, code, line, column] of [
  ['no ending', 'ballots', '', 'UNKNOWN_FORMAT', 1, 1],
  ['an ending in a folder only', 'a.soi/ballots', '', 'UNKNOWN_FORMAT', 1, 1],
  ['a file for spreadsheets', 'a.xlsx', 'PK', 'UNKNOWN_FORMAT', 1, 1],
  ['binary junk', 'a.soi', `${SOI}2: 1\u0000`, 'NOT_TEXT', 7, 5],
  ['half a character', 'a.csv', 'Ann,Ben\ud800\n1,2', 'NOT_TEXT', 1, 1],

  ['an empty .soi', 'a.soi', '', 'MISSING_HEADER', 1, 1],
  ['ballots without a header', 'a.soi', '2: 1,2\n', 'MISSING_HEADER', 1, 1],
  ['no number of alternatives', 'a.soi', '# NUMBER VOTERS: 2\n2: 1\n', 'MISSING_HEADER', 2, 1],
  ['no number of voters', 'a.soi', `# NUMBER ALTERNATIVES: 3\n${NAMES}`, 'MISSING_HEADER', 5, 1],
  ['no name of an alternative', 'a.soi', HEADER + NAMES.slice(0, 52), 'MISSING_HEADER', 6, 1],
  ['a name too many', 'a.soi', `${SOI}# ALTERNATIVE NAME 4: Dee\n2: 1`, 'WRONG_COUNT', 7, 23],
  ['a name without a number', 'a.soi', `${SOI}# ALTERNATIVE NAME x: Dee\n2: 1`, 'WRONG_COUNT', 7, 23],
  ['a key twice', 'a.soi', `${HEADER}# number voters: 7\n${NAMES}`, 'BAD_HEADER', 4, 1],
  ['an empty name', 'a.soi', SOI.replace('Ben', ' '), 'BAD_NAME', 5, 24],
  ['one name for two', 'a.soi', SOI.replace('Cem', 'Ann'), 'DUPLICATE_NAME', 6, 23],
  ['a fraction of alternatives', 'a.soi', SOI.replace(': 3', ': 3.5'), 'BAD_NUMBER', 1, 24],
  ['no alternatives', 'a.soi', SOI.replace(': 3', ': 0'), 'BAD_NUMBER', 1, 24],
  ['a million alternatives', 'a.soi', SOI.replace(': 3', ': 1000000'), 'TOO_LARGE', 1, 24],
  ['categories', 'a.soi', `# DATA TYPE: cat\n${SOI}`, 'UNSUPPORTED', 1, 14],
  ['a line without a count', 'a.soi', `${SOI}1,2,3\n`, 'BAD_LINE', 7, 1],
  ['no count', 'a.soi', `${SOI}: 1,2,3\n`, 'BAD_NUMBER', 7, 1],
  ['a count of 0', 'a.soi', `${SOI}0: 1\n`, 'BAD_NUMBER', 7, 1],
  ['a negative count', 'a.soi', `${SOI}-1: 1\n`, 'BAD_NUMBER', 7, 1],
  ['a count of 2^53', 'a.soi', `${SOI}9007199254740992: 1\n`, 'BAD_NUMBER', 7, 1],
  ['counts beyond 2^53 together', 'a.soi', `${SOI}9007199254740991: 1\n1: 2`, 'BAD_NUMBER', 8, 1],
  ['a count in hexadecimal', 'a.soi', `${SOI}0x2: 1\n`, 'BAD_NUMBER', 7, 1],
  ['a count in other digits', 'a.soi', `${SOI}٢: 1\n`, 'BAD_NUMBER', 7, 1],
  ['an unknown alternative', 'a.soi', `${SOI}2: 1,4\n`, 'UNKNOWN_ALTERNATIVE', 7, 6],
  ['alternative 0', 'a.soi', `${SOI}2: 0\n`, 'UNKNOWN_ALTERNATIVE', 7, 4],
  ['an endless number', 'a.soi', `${SOI}2: ${'9'.repeat(400)}\n`, 'UNKNOWN_ALTERNATIVE', 7, 4],
  ['an alternative twice', 'a.soi', `${SOI}2: 1,2,1\n`, 'DUPLICATE_ALTERNATIVE', 7, 8],
  ['twice within a tie', 'a.toi', `${SOI}2: {1,1}\n`, 'DUPLICATE_ALTERNATIVE', 7, 7],
  ['a comma at the end', 'a.soi', `${SOI}2: 1,\n`, 'BAD_LINE', 7, 6],
  ['an empty tie', 'a.toi', `${SOI}2: {}\n`, 'BAD_LINE', 7, 5],
  ['a tie that does not end', 'a.toi', `${SOI}2: {1,2\n`, 'BAD_LINE', 7, 8],
  ['a tie within a tie', 'a.toi', `${SOI}2: {1,{2}}\n`, 'BAD_LINE', 7, 7],
  ['a name on a ballot', 'a.soi', `${SOI}2: Ann\n`, 'BAD_LINE', 7, 4],
  ['a tie in strict orders', 'a.soi', `${SOI}2: {1,2}\n`, 'NOT_STRICT', 7, 1],
  ['a tie where the header says strict', 'a.toi', `# DATA TYPE: soi\n${SOI}2: {1,2}\n`, 'NOT_STRICT', 8, 1],
  ['an incomplete order in .soc', 'a.soc', `${SOI}2: 1,2\n`, 'NOT_COMPLETE', 7, 1],
  ['an incomplete order in .toc', 'a.toc', `${SOI}2: {1,2}\n`, 'NOT_COMPLETE', 7, 1],
  ['a voter too few', 'a.soi', `${SOI}1: 1\n`, 'WRONG_COUNT', 7, 1],
  ['an order too many', 'a.soi', `${SOI}1: 1\n1: 2\n`, 'WRONG_COUNT', 8, 1],
  ['an old header without a name', 'a.soi', '2\n1,Ann\n3,3,1\n2,1\n', 'MISSING_HEADER', 3, 1],
  ['an old header without sums', 'a.soi', '1\n1,Ann\n', 'MISSING_HEADER', 3, 1],
  ['old weights', 'a.soi', '1\n1,Ann\n2,4,1\n4,1\n', 'UNSUPPORTED', 3, 1],

  ['an empty .blt', 'a.blt', '# nothing\n', 'MISSING_HEADER', 1, 1],
  ['no seats', 'a.blt', '2 0\n0\n"A"\n"B"\n', 'BAD_NUMBER', 1, 3],
  ['a ballot without end', 'a.blt', '2 1\n1 2\n"A"\n"B"\n', 'BAD_LINE', 2, 1],
  ['ballots without end', 'a.blt', '2 1\n1 2 0\n"A"\n"B"\n', 'MISSING_HEADER', 3, 1],
  ['a weight in decimals', 'a.blt', '2 1\n1.5 2 0\n0\n"A"\n"B"\n', 'UNSUPPORTED', 2, 1],
  ['a weight that is no number', 'a.blt', '2 1\nx 2 0\n0\n"A"\n"B"\n', 'BAD_NUMBER', 2, 1],
  ['candidate 3 of 2', 'a.blt', '2 1\n1 2 3 0\n0\n"A"\n"B"\n', 'UNKNOWN_ALTERNATIVE', 2, 5],
  ['a candidate twice', 'a.blt', '2 1\n1 2=2 0\n0\n"A"\n"B"\n', 'DUPLICATE_ALTERNATIVE', 2, 3],
  ['withdrawn candidate 3 of 2', 'a.blt', '2 1\n-3\n0\n"A"\n"B"\n', 'UNKNOWN_ALTERNATIVE', 2, 1],
  ['nobody left', 'a.blt', '1 1\n-1\n0\n"A"\n', 'BAD_HEADER', 1, 1],
  ['a name too few', 'a.blt', '2 1\n0\n"A"\n', 'WRONG_COUNT', 3, 1],
  ['a name too many', 'a.blt', '2 1\n0\n"A"\n"B"\n"Title"\n"More"\n', 'WRONG_COUNT', 6, 1],
  ['a name without quotes', 'a.blt', '1 1\n0\nAnn, Lee"\n', 'BAD_LINE', 3, 6],
  ['one name for two', 'a.blt', '2 1\n0\n"A"\n"A"\n', 'DUPLICATE_NAME', 4, 1],
  ['an id that does not end', 'a.blt', '1 1\n(7 1 1 0\n0\n"A"\n', 'BAD_NUMBER', 2, 1],

  ['an empty .pb', 'a.pb', '', 'MISSING_HEADER', 1, 1],
  ['no votes', 'a.pb', PB, 'MISSING_HEADER', 10, 1],
  ['sections in another order', 'a.pb', `${PROJECTS}${META}VOTES\nvoter_id;vote\n`, 'BAD_HEADER', 5, 1],
  ['something before META', 'a.pb', `hello\n${PB}VOTES\nvoter_id;vote\n`, 'BAD_LINE', 1, 1],
  ['a section without columns', 'a.pb', `${PB}VOTES\n`, 'MISSING_HEADER', 11, 1],
  ['no column cost', 'a.pb', `${META}PROJECTS\nproject_id\np1\nVOTES\nvoter_id;vote\n`, 'MISSING_HEADER', 7, 1],
  ['no column vote', 'a.pb', `${PB}VOTES\nvoter_id\nv1\n`, 'MISSING_HEADER', 11, 1],
  ['no column points', 'a.pb', `${CUMULATIVE}VOTES\nvoter_id;vote\nv1;p1\n`, 'MISSING_HEADER', 11, 1],
  ['no budget', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1`.replace('budget;100', 'budget;'), 'MISSING_HEADER', 5, 8],
  ['no num_votes', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1`.replace('num_votes;1\n', ''), 'MISSING_HEADER', 1, 1],
  ['a key twice', 'a.pb', `${PB}VOTES\nvoter_id;vote\n`.replace('budget', 'num_votes'), 'BAD_HEADER', 5, 1],
  ['a column twice', 'a.pb', `${PB}VOTES\nvote;vote\n`, 'BAD_HEADER', 12, 6],
  ['a field too many', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1;p2\n`, 'BAD_LINE', 13, 7],
  ['a quote that does not end', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;"p1\n`, 'UNCLOSED_QUOTE', 13, 4],
  ['a project too few', 'a.pb', `${PB}VOTES\nvoter_id;vote\n`.replace('p2;60\n', ''), 'WRONG_COUNT', 3, 14],
  ['a vote too few', 'a.pb', `${PB}VOTES\nvoter_id;vote\n`, 'WRONG_COUNT', 4, 11],
  ['a vote too many', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1\nv2;p1\n`, 'WRONG_COUNT', 4, 11],
  ['a project twice', 'a.pb', `${PB}VOTES\nvoter_id;vote\n`.replace('p2', 'p1'), 'DUPLICATE_NAME', 10, 1],
  ['a voter twice', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1\nv1;p2\n`, 'DUPLICATE_VOTER', 14, 1],
  ['an unknown project', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1,p3\n`, 'UNKNOWN_ALTERNATIVE', 13, 4],
  ['a project twice on a ballot', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;p1,p1\n`, 'DUPLICATE_ALTERNATIVE', 13, 4],
  [
    'two for choose-1',
    'a.pb',
    `${PB}VOTES\nvoter_id;vote\nv1;p1,p2\n`.replace('approval', 'choose-1'),
    'WRONG_COUNT',
    13,
    4,
  ],
  ['a point too few', 'a.pb', `${CUMULATIVE}VOTES\nvoter_id;vote;points\nv1;p1,p2;3\n`, 'WRONG_COUNT', 13, 10],
  ['negative points', 'a.pb', `${CUMULATIVE}VOTES\nvoter_id;vote;points\nv1;p1;-3\n`, 'BAD_NUMBER', 13, 7],
  [
    'a kind of vote nobody knows',
    'a.pb',
    `${PB}VOTES\nvoter_id;vote\n`.replace('approval', 'psychic'),
    'UNSUPPORTED',
    6,
    11,
  ],
  [
    'points for what a ballot leaves out',
    'a.pb',
    `${PB.replace('approval', 'scoring\ndefault_score;1')}VOTES\nvoter_id;vote\n`,
    'UNSUPPORTED',
    7,
    15,
  ],
  [
    'a scoring of orders',
    'a.pb',
    `${PB.replace('approval', 'ordinal\nscoring_fn;Dowdall')}VOTES\nvoter_id;vote\n`,
    'UNSUPPORTED',
    7,
    12,
  ],
  ['a budget of 0', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';100', ';0'), 'BAD_NUMBER', 5, 8],
  ['a negative cost', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';50', ';-50'), 'BAD_NUMBER', 9, 4],
  ['a cost in powers of ten', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';50', ';5e9'), 'BAD_NUMBER', 9, 4],
  ['a thousand or one', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';50', ';1,000'), 'BAD_NUMBER', 9, 4],
  ['seven decimals', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';50', ';1.0000001'), 'BAD_NUMBER', 9, 4],
  [
    'a cost beyond 2^53 in cents',
    'a.pb',
    `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace(';50', ';90071992547410').replace(';60', ';1.25'),
    'BAD_NUMBER',
    9,
    4,
  ],
  ['an id with a comma', 'a.pb', `${PB}VOTES\nvoter_id;vote\nv1;\n`.replace('p2', 'p,2'), 'BAD_NAME', 10, 1],

  ['an empty .csv', 'a.csv', '\n\n', 'MISSING_HEADER', 1, 1],
  ['only counts', 'a.csv', 'count,voter\n1,v1\n', 'BAD_HEADER', 1, 1],
  ['counts twice', 'a.csv', 'count,Ann,count\n', 'BAD_HEADER', 1, 11],
  ['ranks that skip one', 'a.csv', 'rank1,rank3\nAnn,Ben\n', 'BAD_HEADER', 1, 7],
  ['a heading without a name', 'a.csv', 'Ann,,Ben\n1,2,3\n', 'BAD_NAME', 1, 5],
  ['one name for two', 'a.csv', 'Ann,Ann\n1,2\n', 'DUPLICATE_NAME', 1, 5],
  ['a field too many', 'a.csv', 'Ann,Ben\n1,2,3\n', 'BAD_LINE', 2, 5],
  ['a cell that is no number', 'a.csv', 'Ann,Ben\n1,yes\n', 'BAD_NUMBER', 2, 3],
  ['a cell that is too large', 'a.csv', 'Ann,Ben\n1,1000001\n', 'BAD_NUMBER', 2, 3],
  ['a negative score', 'a.csv', 'Ann,Ben\n1,-1\n', 'BAD_NUMBER', 2, 3],
  ['no count', 'a.csv', 'count,Ann\n,1\n', 'BAD_NUMBER', 2, 1],
  ['a name twice on a ballot', 'a.csv', 'ballot\nAnn>Ann\n', 'DUPLICATE_ALTERNATIVE', 2, 1],
  ['a name twice in two ranks', 'a.csv', 'rank1,rank2\nAnn,Ann\n', 'DUPLICATE_ALTERNATIVE', 2, 5],
  ['nothing between two signs', 'a.csv', 'Ann>>Ben\n', 'BAD_NAME', 1, 1],
  ['nobody named', 'a.csv', 'count,ballot\n3,\n', 'MISSING_HEADER', 2, 1],
  ['more options than can be counted', 'a.csv', MANY, 'TOO_LARGE', 1, 1],
] as const) {
  test(`refuses: ${what} (${fileName})`, () => {
    assert.throws(
      () => parseProfile(text, fileName),
      (error) => {
        assert.ok(error instanceof MalformedFile)
        assert.deepEqual([error.code, error.line, error.column], [code, line, column], error.message)
        assert.match(error.message, new RegExp(`^line ${line}, column ${column}: .`))
        return true
      },
    )
  })
}

test('refuses bytes that are not UTF-8', () => {
  assert.throws(() => decodeFile(Uint8Array.of(65, 255)), { name: 'MalformedFile', code: 'NOT_TEXT' })
})

test('refuses more than 100 MiB before looking at it', () => {
  assert.throws(() => parseProfile(' '.repeat(104_857_601), 'a.csv'), { code: 'TOO_LARGE' })
  assert.throws(() => decodeFile(new Uint8Array(104_857_601)), { code: 'TOO_LARGE' })
})

const samples = ['elections/debian-2012-leader.soi', 'budgets/assen-2024.pb'].map((name) => ({
  name,
  text: readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8'),
}))
const others = [
  { name: 'a.blt', text: '4 2\n-2\n3 1 3 4 0\n2 4 1=3 0\n0\n"Ann"\n"Ben"\n"Cem"\n"Dee"\n"Title"\n' },
  { name: 'a.csv', text: 'count,Ann,"Ben ""B"""\n3,1,2\n2,,1\n' },
]

/** Whatever was done to a file, the answer is a profile or a MalformedFile that points into it. */
function readsOrRefuses(text: string, fileName: string): void {
  try {
    parseProfile(text, fileName)
  } catch (error) {
    if (!(error instanceof MalformedFile)) throw error
    assert.ok(error.line >= 1 && error.line <= text.split(/\r\n|\n|\r/).length + 1 && error.column >= 1, error.message)
  }
}

test('reads or refuses files with random damage', () => {
  const damage = fc.record({
    sample: fc.constantFrom(...samples, ...others),
    at: fc.nat({ max: 9_999 }),
    remove: fc.nat({ max: 20 }),
    insert: fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.stringMatching(/^[0-9,;:{}"#=>()\n-]{0,6}$/)),
  })
  fc.assert(
    fc.property(damage, ({ sample, at, remove, insert }) => {
      const from = Math.floor((at / 10_000) * sample.text.length)
      readsOrRefuses(sample.text.slice(0, from) + insert + sample.text.slice(from + remove), sample.name)
    }),
    { numRuns: 2_000 },
  )
})

test('reads or refuses random text', () => {
  const name = fc.constantFrom('a.soc', 'a.soi', 'a.toc', 'a.toi', 'a.blt', 'a.pb', 'a.csv')
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9A-C,;:{}"#=>()\n -]{0,60}$/))
  fc.assert(fc.property(text, name, readsOrRefuses), { numRuns: 2_000 })
})
