import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  type BudgetProfile,
  type BudgetReport,
  decodeFile,
  MalformedFile,
  parseProfile,
  tallyFile,
} from '../src/files/index.ts'

/** What another implementation (pabutools 1.2.3) selects from these files with the same rules for ties and raises. */
const reference = [
  ['assen-2024', 'cost', 'none', 0, '3 9 2 11 13 14 12'],
  ['assen-2024', 'cost', 'add1', 843, '3 9 2 11 13 14 5 6 12'],
  ['assen-2024', 'cost', 'add1u', 843, '3 9 2 11 13 14 5 6 7 12'],
  ['assen-2024', 'cardinality', 'none', 0, '3 9 2 13 14 5 12'],
  ['assen-2024', 'cardinality', 'add1', 1205, '3 9 2 11 13 14 5 6 7 12'],
  ['wieliczka-2023', 'cost', 'none', 0, '24 41 74 39 58 25 43 20 60 29 17 70 34 26 71 88 36 62 56 66 69'],
  [
    'wieliczka-2023',
    'cost',
    'add1',
    164,
    '24 41 40 74 19 6 32 39 58 42 25 43 20 60 29 33 17 70 34 9 26 71 88 36 62 61 7 46 56 69',
  ],
  [
    'wieliczka-2023',
    'cost',
    'add1u',
    164,
    '24 41 40 74 19 6 32 39 58 42 25 43 20 60 29 33 17 70 34 9 26 71 88 36 62 61 7 46 56 69',
  ],
  ['wieliczka-2023', 'cardinality', 'none', 0, '24 32 39 58 25 43 20 60 29 33 17 70 34 26 71 88 36 62 56 66 69'],
  [
    'wieliczka-2023',
    'cardinality',
    'add1',
    177,
    '24 41 74 19 6 32 39 58 42 25 16 43 20 60 29 33 17 70 34 8 9 26 71 88 36 62 61 7 56 66 67 69',
  ],
  [
    'wieliczka-2023',
    'cardinality',
    'add1u',
    177,
    '24 41 74 19 6 32 39 58 42 25 16 43 20 60 29 33 17 70 34 8 9 26 71 88 36 62 61 7 54 56 66 67 69',
  ],
] as const

for (const [name, utility, completion, raises, selected] of reference) {
  test(`${name}: ${utility}, ${completion} as another implementation counts it`, () => {
    const path = new URL(`../../../examples/budgets/${name}.pb`, import.meta.url)
    const options = { method: 'equal-shares', utility, completion } as const
    const report = tallyFile(decodeFile(readFileSync(path)), `${name}.pb`, options) as BudgetReport
    assert.deepEqual([report.selected, report.raises], [selected.split(' '), raises])
  })
}

const META = 'META\nkey;value\nnum_projects;2\nnum_votes;2\nbudget;100\nvote_type;approval\nrule;equalshares\n'
const PROJECTS = 'PROJECTS\nproject_id;cost;category;name;selected\n1;50;a,b;One;1\n2;60.50;none;Two;0\n'
const VOTES = 'VOTES\nvoter_id;age;vote;voting_method\na;12;1,2;internet\nb;;;paper\n'
const FILE = META + PROJECTS + VOTES
const points = (type: string, votes: string) =>
  `${META.replace('approval', type)}${PROJECTS}VOTES\nvoter_id;points;vote\n${votes}`

/** What real files have, and the same ballots whatever it is: two projects approved, then nothing. */
for (const [what, text] of [
  [
    'columns and keys that no count needs',
    FILE.replace('rule;', 'min_length;1\nmax_sum_cost;100\ncomment;#1: none\nrule;'),
  ],
  ['a byte order mark and Windows line ends', `\ufeff${FILE.replaceAll('\n', '\r\n')}`],
  ['empty columns of a spreadsheet', FILE.replaceAll('\n', ';;\n')],
  ['rows of separators', FILE.replace('PROJECTS', ';;;\nPROJECTS').replace('b;;;', ';;;\n\nb;;;')],
  ['columns in another order', `${META}${PROJECTS}VOTES\nvote;voter_id\n1,2;a\n;b\n`],
  ['spaces around everything', FILE.replaceAll(';', ' ; ').replaceAll(',', ' , ')],
  [
    'quotes around everything',
    FILE.replaceAll(/[^;\n]+/g, (cell) => `"${cell}"`).replaceAll(/"(META|PROJECTS|VOTES)"/g, '$1'),
  ],
  ['a separator and quotes within quotes', FILE.replace('One', '"One; the ""first"""')],
  ['a quote within a name', FILE.replace('Two', 'Two "b" or not')],
  ['two lines within quotes, one of them a section', FILE.replace('One', '"One\nVOTES\nmore"')],
  ['capitals in a section and a column', FILE.replace('VOTES', 'Votes').replace('voter_id', 'Voter_ID')],
  ['a comma for a point', FILE.replace('60.50', '60,50')],
  ['no column for the outcome', FILE.replace(';selected', ';note')],
  ['another outcome than 0 and 1', FILE.replace('Two;0', 'Two;2')],
  ['a last row without its end', FILE.slice(0, -';paper\n'.length)],
] as const) {
  test(`reads ${what}`, () => {
    const profile = parseProfile(text, 'a.pb') as BudgetProfile
    assert.deepEqual(
      profile.ballots.map(({ voter, projects }) => [voter, ...projects]),
      [['a', 0, 1], ['b']],
    )
    assert.deepEqual(
      [profile.budget, profile.decimals, ...profile.projects.map(({ cost }) => cost)],
      [1000, 1, 500, 605],
    )
    assert.deepEqual((tallyFile(text, 'a.pb') as BudgetReport).selected, ['1'])
  })
}

for (const [type, votes, expected] of [
  ['cumulative', 'a;7,3;1,2\nb;;\n', [[7, 3], []]],
  ['cumulative', 'a;7.0,3.00;1,2\nb;0;1\n', [[7, 3], [0]]],
  ['scoring', 'a;5;2\nb;1,0;2,1\n', [[5], [1, 0]]],
] as const) {
  test(`reads ${type} votes ${JSON.stringify(votes)}`, () => {
    const { ballots } = parseProfile(points(type, votes), 'a.pb') as BudgetProfile
    assert.deepEqual(
      ballots.map(({ points: given }) => given),
      expected,
    )
  })
}

for (const [what, text, code, line, column] of [
  ['half a point', points('cumulative', 'a;7.5,2.5;1,2\nb;;\n'), 'BAD_NUMBER', 14, 3],
  ['a negative point', points('scoring', 'a;-1;1\nb;;\n'), 'BAD_NUMBER', 14, 3],
  ['spaces within an amount', FILE.replace('budget;100', 'budget;1 000'), 'BAD_NUMBER', 5, 8],
  ['a project without a cost', FILE.replace('1;50', '1;'), 'BAD_NUMBER', 10, 3],
  ['a project that costs nothing', FILE.replace('1;50', '1;0.0'), 'BAD_NUMBER', 10, 3],
  ['a comma at the end of a vote', FILE.replace('1,2', '1,2,'), 'UNKNOWN_ALTERNATIVE', 14, 6],
  ['votes of a project that is not there', FILE.replace('12;1,2', '12;1,3'), 'UNKNOWN_ALTERNATIVE', 14, 6],
  ['a name that is quoted to the end of the file', FILE.replace('One', '"One'), 'UNCLOSED_QUOTE', 10, 10],
  ['META with an unknown column only', FILE.replace('key;value', 'name;value'), 'MISSING_HEADER', 1, 1],
  ['a section twice: its name is then a voter', `${FILE}PROJECTS\n`, 'WRONG_COUNT', 4, 11],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => parseProfile(text, 'a.pb'),
      (error) => {
        assert.ok(error instanceof MalformedFile)
        assert.deepEqual([error.code, error.line, error.column], [code, line, column])
        return true
      },
    )
  })
}

test('an election nobody voted in selects nothing', () => {
  const text = `${FILE.replace('num_votes;2', 'num_votes;0').split('\na;12')[0]}\n`
  const report = tallyFile(text, 'a.pb') as BudgetReport
  assert.deepEqual([report.selected, report.ballots, report.spent, report.raises], [[], 0, 0, 0])
})
