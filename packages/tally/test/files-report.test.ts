import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { encodeCanonical, sha256, toHex } from '@icn/crypto'
import fc from 'fast-check'
import {
  type BudgetProfile,
  type BudgetReport,
  decodeFile,
  type ElectionReport,
  parseProfile,
  type RankedProfile,
  renderReport,
  reportDigest,
  type TallyOptions,
  type TallyReport,
  tallyFile,
  tallyProfile,
  writeBlt,
  writeCsv,
  writePabulib,
  writeSoi,
  writeToc,
} from '../src/files/index.ts'
import { arbitraryBudget, arbitraryRanked } from './files-arbitraries.ts'

function example(path: string): string {
  return decodeFile(readFileSync(new URL(`../../../examples/${path}`, import.meta.url)))
}

function election(text: string, fileName: string, options: TallyOptions = {}): ElectionReport {
  const report = tallyFile(text, fileName, options)
  if ('selected' in report) assert.fail('a budget')
  return report
}

function budget(text: string, options: TallyOptions = {}): BudgetReport {
  const report = tallyFile(text, 'a.pb', options)
  if ('winners' in report) assert.fail('an election')
  return report
}

const DEBIAN_2003 = example('elections/debian-2003-leader.soi')
const DEBIAN_2012 = example('elections/debian-2012-leader.soi')
const ASSEN = example('budgets/assen-2024.pb')
const WIELICZKA = example('budgets/wieliczka-2023.pb')

/**
 * Debian elected Martin Michlmayr, but not with these ballots: they could hold ties, and the file has none. In the file
 * Bdale Garbee is preferred to each of the others, so every Condorcet method elects him: see examples/README.md.
 */
test('the file of Debian 2003 elects its Condorcet winner', () => {
  const report = election(DEBIAN_2003, 'debian-2003-leader.soi')
  assert.deepEqual(
    [report.method, report.ballots, report.winners, report.tied],
    ['schulze', 488, ['Bdale Garbee'], false],
  )
  assert.equal(report.candidates.at(-1), 'None Of The Above')
  const { ballots } = parseProfile(DEBIAN_2003, 'a.soi') as RankedProfile
  const preferring = (a: number, b: number) => {
    const place = (order: readonly (readonly number[])[], option: number) =>
      order.flat().includes(option) ? order.flat().indexOf(option) : 5
    return ballots.filter(({ order }) => place(order, a) < place(order, b)).reduce((sum, { count }) => sum + count, 0)
  }
  for (const other of [0, 2, 3, 4]) assert.ok(preferring(1, other) > preferring(other, 1), `against ${other}`)
  assert.deepEqual([preferring(1, 3), preferring(3, 1)], [252, 228])
})

test('Debian elected Stefano Zacchiroli in 2012', () => {
  const report = election(DEBIAN_2012, 'debian-2012-leader.soi')
  assert.deepEqual([report.ballots, report.winners], [403, ['Stefano Zacchiroli']])
  for (const method of ['irv', 'stv', 'plurality'] as const)
    assert.deepEqual(election(DEBIAN_2012, 'a.soi', { method }).winners, ['Stefano Zacchiroli'], method)
})

test('the JSON is what the command promises, in this order', () => {
  const one = tallyFile(DEBIAN_2003, 'a.soi')
  const keys = ['method', 'seats', 'ballots', 'candidates', 'winners', 'tied', 'order', 'counts', 'rounds', 'digest']
  assert.deepEqual(Object.keys(one), keys)
  const two = tallyFile(ASSEN, 'a.pb')
  const more = [
    'method',
    'completion',
    'utility',
    'ballots',
    'budget',
    'spent',
    'selected',
    'tied',
    'raises',
    'rounds',
    'digest',
  ]
  assert.deepEqual(Object.keys(two), more)
  for (const report of [one, two]) assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
})

for (const [name, text] of [
  ['assen-2024.pb', ASSEN],
  ['wieliczka-2023.pb', WIELICZKA],
] as const) {
  test(`${name}: equal shares selects what the city published`, () => {
    const profile = parseProfile(text, name) as BudgetProfile
    const report = budget(text)
    const published = profile.projects.filter(({ selected }) => selected === true).map(({ id }) => id)
    assert.deepEqual(report.selected, published)
    assert.deepEqual([report.method, report.completion, report.utility], ['equal-shares', 'add1', 'cost'])
    const spent = profile.projects.filter(({ id }) => published.includes(id)).reduce((sum, { cost }) => sum + cost, 0)
    assert.deepEqual([report.ballots, report.budget, report.spent], [profile.ballots.length, profile.budget, spent])
  })
}

/** Fixed: whoever kept a digest of one of these files must find it again. */
for (const [name, text, options, digest] of [
  [
    'debian-2003-leader.soi',
    DEBIAN_2003,
    {},
    'sha256:17c193b9a3b3b302962da96a097f9470b59667b1b5f2226741beaee080c94100',
  ],
  [
    'debian-2003-leader.soi',
    DEBIAN_2003,
    { method: 'irv' },
    'sha256:344f01ad4894cbf50f89646791093cdef2ea8074db8b4d917ebe422f65a88a29',
  ],
  [
    'debian-2003-leader.soi',
    DEBIAN_2003,
    { method: 'stv', seats: 2 },
    'sha256:0ac013220704ed29cc0f52691107bb71c636eb42285915b6a786fa61185e7dc0',
  ],
  [
    'debian-2012-leader.soi',
    DEBIAN_2012,
    {},
    'sha256:043b3d727b3173074a243b74deb7db889ea5c2f11b100fefa8f715f0182e5862',
  ],
  [
    'debian-2012-leader.soi',
    DEBIAN_2012,
    { method: 'plurality' },
    'sha256:ea99462cccf3737d828b3d6f77fd3f9a5a80fb1b70a98e98b004309970f432b5',
  ],
  ['assen-2024.pb', ASSEN, {}, 'sha256:f139b5a01fe8e1efcad765b0564ab1e9d0e5b41754fa86a46ccb04109520bf1b'],
  [
    'assen-2024.pb',
    ASSEN,
    { method: 'greedy' },
    'sha256:fa370ad0602a6eccfbf3aea187845282b20c04dde3b62dff6590c69707ee9dfa',
  ],
  ['wieliczka-2023.pb', WIELICZKA, {}, 'sha256:91975f1ae6468bb87a333b9b333470b607ec212a8ec62ed73358b7335c02f01e'],
  [
    'wieliczka-2023.pb',
    WIELICZKA,
    { completion: 'none' },
    'sha256:c94736b866be86ae2c1e087dc6e845cca2b29fb04258cbe3c34ee6263d06ecbd',
  ],
] as const satisfies readonly [string, string, TallyOptions, string][]) {
  test(`the digest of ${name} ${JSON.stringify(options)} never changes`, () => {
    const report = tallyFile(text, name, options)
    assert.equal(report.digest, digest)
    assert.equal(reportDigest(report), digest)
    const { digest: _, ...content } = report
    assert.equal(`sha256:${toHex(sha256(encodeCanonical(JSON.parse(JSON.stringify(content)))))}`, digest)
  })
}

test('a digest is that of the content: any change shows', () => {
  const report = election(DEBIAN_2012, 'a.soi')
  assert.notEqual(reportDigest({ ...report, ballots: 404 }), report.digest)
  assert.notEqual(reportDigest({ ...report, winners: ['Gergely Nagy'] }), report.digest)
})

test('neither line ends, byte order mark, order of lines nor merged ballots change a report', () => {
  const expected = tallyFile(DEBIAN_2012, 'a.soi')
  const lines = DEBIAN_2012.trimEnd().split('\n')
  const header = lines.filter((line) => line.startsWith('#'))
  const ballots = lines.filter((line) => !line.startsWith('#'))
  const single = ballots.flatMap((line) => Array(Number(line.split(':')[0])).fill(`1:${line.split(':')[1]}`))
  const singly = header.map((line) => line.replace(/UNIQUE ORDERS: \d+/, `UNIQUE ORDERS: ${single.length}`))
  for (const text of [
    `\ufeff${lines.join('\r\n')}`,
    lines.join('\r'),
    [...header, ...ballots.toReversed()].join('\n'),
    [...singly, ...single].join('\n'),
  ])
    assert.deepEqual(tallyFile(text, 'a.soi'), expected)
})

test('the same ballots in every format have the same report', () => {
  const profile = parseProfile(DEBIAN_2003, 'a.soi') as RankedProfile
  const expected = tallyProfile(profile)
  for (const [write, fileName] of [
    [writeSoi, 'a.soi'],
    [writeBlt, 'a.blt'],
    [writeCsv, 'a.csv'],
    [writeToc, 'a.toc'],
  ] as const)
    assert.deepEqual(tallyFile(write(profile), fileName), expected, fileName)
  assert.deepEqual(budget(writePabulib(parseProfile(ASSEN, 'a.pb') as BudgetProfile)), budget(ASSEN))
})

const TIE = 'ballot\nAnn>Ben>Cem\nBen>Ann>Cem\n'
test('a tie is reported with both names', () => {
  for (const method of ['schulze', 'irv', 'stv', 'plurality'] as const) {
    const report = election(TIE, 'a.csv', { method })
    assert.deepEqual([report.winners.toSorted(), report.tied], [['Ann', 'Ben'], true], method)
    assert.match(renderReport(report), /^Tied +(Ann, Ben|Ben, Ann)$/m)
  }
  assert.deepEqual(election(TIE, 'a.csv').order, [['Ann', 'Ben'], ['Cem']])
})

const SCORES = 'voter,Ann,Ben,Cem\nv1,5,3,0\nv2,0,4,1\nv3,,2,3\n'
const MARKS = 'count,Ann,Ben,Cem\n3,1,0,1\n2,0,1,0\n'
for (const [what, text, fileName, options, winners] of [
  ['scores', SCORES, 'a.csv', { method: 'score' }, ['Ben']],
  ['approvals in a table', MARKS, 'a.csv', { method: 'approval' }, ['Ann', 'Cem']],
  ['one choice a row', 'Ann,Ben\n0,1\n1,0\n0,1\n', 'a.csv', { method: 'plurality' }, ['Ben']],
  ['one name a row', 'vote\nAnn\nBen\nBen\n', 'a.csv', { method: 'plurality' }, ['Ben']],
  ['names chosen together', 'ballot\nAnn=Ben\nBen\nCem\n', 'a.csv', { method: 'approval' }, ['Ben']],
  ['columns of ranks', 'rank1,rank2\nAnn,Ben\nBen,\nBen,Cem\n', 'a.csv', {}, ['Ben']],
  ['no heading', 'Ann>Ben\nBen>Cem\nBen\n', 'a.csv', {}, ['Ben']],
  ['semicolons', 'Ann;Ben\n2;1\n', 'a.csv', {}, ['Ben']],
  ['the header before 2022', '2\n1,Ann\n2,Ben\n3,3,2\n2,2,1\n1,1,2\n', 'a.soc', {}, ['Ben']],
] as const satisfies readonly [string, string, string, TallyOptions, string[]][]) {
  test(`counts ${what}`, () => {
    assert.deepEqual(election(text, fileName, options).winners.toSorted(), winners)
  })
}

const BLT =
  '4 2\n-2\n3 1 3 4 0\n4 1 3 2 0\n(x7) 2 4 1=3 0\n1 2 0 # only Ben\n2 - 2=4=3 1 0\n1 3 4 2 0\n0\n"Ann"\n"Ben"\n"Cem"\n"Dee"\n"Board"\n'
test('a BLT file says how many seats, and who withdrew', () => {
  const report = election(BLT, 'a.blt', { method: 'stv' })
  assert.deepEqual([report.seats, report.winners.length, report.ballots], [2, 2, 13])
  assert.deepEqual(report.candidates, ['Ann', 'Cem', 'Dee'])
  assert.equal(election(BLT, 'a.blt', { method: 'stv', seats: 1 }).winners.length, 1)
  assert.equal(election(BLT, 'a.blt').seats, 1)
})

const RULES = 'META\nkey;value\nnum_projects;2\nnum_votes;2\nbudget;10.50\nvote_type;approval\n'
const PB = `${RULES}PROJECTS\nproject_id;cost\na;10,25\nb;5.5\nVOTES\nvoter_id;vote\nv1;a,b\nv2;b\n`
test('decimals are counted and reported exactly', () => {
  const report = budget(PB, { method: 'greedy' })
  assert.deepEqual([report.budget, report.spent, report.selected], ['10.5', '5.5', ['b']])
  assert.match(renderReport(report), /^Budget +10\.5$/m)
})

for (const [rule, method, completion] of [
  ['greedy', 'greedy', 'none'],
  ['equalshares', 'equal-shares', 'add1'],
  ['equalshares/add1', 'equal-shares', 'add1'],
  ['equalshares/add1-comparison', 'equal-shares', 'add1'],
  ['equalshares/add1u', 'equal-shares', 'add1u'],
] as const) {
  test(`the rule ${rule} in META is the default`, () => {
    const text = PB.replace('vote_type', `rule;${rule}\nvote_type`)
    const report = budget(text)
    assert.deepEqual([report.method, report.completion], [method, completion])
    assert.equal(budget(text, { method: 'equal-shares', completion: 'none' }).completion, 'none')
  })
}

for (const [what, text, options, code, message] of [
  ['an election method for a budget', PB, { method: 'schulze' }, 'METHOD_NOT_APPLICABLE', /holds a budget/],
  ['no rule and no method', PB, {}, 'METHOD_NOT_APPLICABLE', /rule is ""/],
  [
    'a rule that is not counted',
    PB.replace('vote_type', 'rule;phragmen\nvote_type'),
    {},
    'METHOD_NOT_APPLICABLE',
    /phragmen/,
  ],
  ['seats of a budget', PB, { method: 'greedy', seats: 1 }, 'BAD_OPTION', /no seats/],
] as const satisfies readonly [string, string, TallyOptions, string, RegExp][]) {
  test(`refuses: ${what}`, () => {
    assert.throws(() => tallyFile(text, 'a.pb', options), { name: 'TallyRefused', code, message })
  })
}

for (const [what, text, options, code, message] of [
  ['a budget method for an election', TIE, { method: 'greedy' }, 'METHOD_NOT_APPLICABLE', /holds an election/],
  ['ranks of a table with 0', SCORES, {}, 'METHOD_NOT_APPLICABLE', /schulze.*0/],
  ['approval of scores', SCORES, { method: 'approval' }, 'METHOD_NOT_APPLICABLE', /ballot 1 /],
  ['approval of rankings', TIE, { method: 'approval' }, 'METHOD_NOT_APPLICABLE', /ballot 1 /],
  ['scores of rankings', TIE, { method: 'score' }, 'METHOD_NOT_APPLICABLE', /rankings/],
  [
    'plurality of ties',
    'ballot\nAnn\nAnn=Ben\n',
    { method: 'plurality' },
    'METHOD_NOT_APPLICABLE',
    /ballot 2 .*Ann, Ben/,
  ],
  ['plurality of two marks', MARKS, { method: 'plurality' }, 'METHOD_NOT_APPLICABLE', /ballot 1 .*more than one/],
  ['two seats by schulze', TIE, { seats: 2 }, 'METHOD_NOT_APPLICABLE', /stv/],
  ['more seats than candidates', TIE, { method: 'stv', seats: 4 }, 'BAD_OPTION', /4 seats for 3/],
  ['no seats', TIE, { method: 'stv', seats: 0 }, 'BAD_OPTION', /seats is 0/],
  ['a fraction of a seat', TIE, { method: 'stv', seats: 1.5 }, 'BAD_OPTION', /seats is 1.5/],
] as const satisfies readonly [string, string, TallyOptions, string, RegExp][]) {
  test(`refuses: ${what}`, () => {
    assert.throws(() => tallyFile(text, 'a.csv', options), { name: 'TallyRefused', code, message })
  })
}

test('refuses words that no option knows, whatever a caller sends', () => {
  for (const [options, code] of [
    [{ method: 'borda' }, 'UNKNOWN_METHOD'],
    [{ method: '__proto__' }, 'UNKNOWN_METHOD'],
    [{ utility: 'happiness' }, 'BAD_OPTION'],
    [{ completion: 'add2' }, 'BAD_OPTION'],
  ] as const)
    assert.throws(() => tallyFile(PB, 'a.pb', options as unknown as TallyOptions), { name: 'TallyRefused', code })
})

test('a name cannot steer the terminal', () => {
  const report = election(DEBIAN_2012, 'a.soi')
  const evil: TallyReport = { ...report, winners: ['\u001b[2JEve'], order: [['\u009b31mEve']] }
  assert.doesNotMatch(renderReport(evil).replaceAll('\n', ''), /\p{Cc}/u)
})

test('any election is counted by every ranking method, and its digest holds', () => {
  fc.assert(
    fc.property(arbitraryRanked(true), fc.constantFrom('schulze', 'irv', 'stv'), (profile, method) => {
      const report = tallyProfile({ ...profile, seats: 1 }, { method }) as ElectionReport
      assert.equal(
        report.ballots,
        profile.ballots.reduce((sum, { count }) => sum + count, 0),
      )
      assert.deepEqual(report.order.flat().toSorted(), profile.candidates.toSorted())
      // Of ballots that say nothing, some methods elect all together and some nobody.
      if (profile.ballots.some(({ order }) => order.length > 0))
        assert.ok(report.winners.length === 1 || (report.tied && report.winners.length > 1))
      assert.equal(reportDigest(report), report.digest)
      assert.equal(renderReport(report).endsWith('\n'), true)
    }),
  )
})

test('scores that could not be added exactly are refused', () => {
  const text = 'count,Ann\n9007199254741,1000\n'
  assert.throws(() => tallyFile(text, 'a.csv', { method: 'score' }), {
    code: 'METHOD_NOT_APPLICABLE',
    message: /exactly/,
  })
  assert.deepEqual(election(text.replace('1000', '100'), 'a.csv', { method: 'score' }).winners, ['Ann'])
})

for (const [voteType, votes, selected] of [
  ['cumulative', 'v1;a,b;1,5\nv2;a;3', ['b']],
  ['scoring', 'v1;a,b;9,1\nv2;a;0', ['a']],
  ['ordinal', 'v1;b,a;\nv2;a,b;\nv3;b;', ['b']],
  ['choose-1', 'v1;a;\nv2;b;\nv3;a;', ['a']],
] as const) {
  test(`a budget of ${voteType} votes goes to the most points`, () => {
    const n = votes.split('\n').length
    const meta = `num_projects;2\nnum_votes;${n}\nbudget;10\nrule;greedy\nvote_type;${voteType}`
    const text = `META\nkey;value\n${meta}\nPROJECTS\nproject_id;cost\na;10\nb;10\nVOTES\nvoter_id;vote;points\n${votes}\n`
    assert.deepEqual(budget(text).selected, selected)
  })
}

test('a budget report says what was taken in which order, in the terms of the file', () => {
  const report = budget(PB, { method: 'greedy' })
  assert.deepEqual(report.rounds, [{ selected: 'b', votes: 2, cost: '5.5', left: 5 }])
  assert.match(renderReport(report), /^ {2}b: votes 2, cost 5\.5, left 5$/m)
})

test('a report for people names rounds, pairs and votes', () => {
  assert.match(renderReport(election(DEBIAN_2012, 'a.soi')), /^ {2}Stefano Zacchiroli over Gergely Nagy {2}\d+ : \d+$/m)
  const irv = renderReport(election(DEBIAN_2003, 'a.soi', { method: 'irv' }))
  assert.match(irv, /^Round 1\n {2}Moshe Zadka {2}12\n/m)
  assert.match(irv, /^ {2}eliminated: None Of The Above$/m)
  assert.match(renderReport(election('vote\nAnn\nBen\nBen\n', 'a.csv', { method: 'plurality' })), /^ {2}1\. Ben 2$/m)
})

test('any budget is kept by both methods', () => {
  fc.assert(
    fc.property(arbitraryBudget, fc.constantFrom('equal-shares', 'greedy'), (profile, method) => {
      const report = tallyProfile(profile, { method }) as BudgetReport
      assert.ok(Number(report.spent) <= Number(report.budget))
      assert.equal(report.ballots, profile.ballots.length)
      assert.equal(reportDigest(report), report.digest)
    }),
  )
})
