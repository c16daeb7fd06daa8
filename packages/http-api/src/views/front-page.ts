import { toHex } from '@icn/crypto'
import { countProposals, listProposals } from '@icn/state-machine/governance'
import type { SqlReader } from '@icn/state-machine/kernel'
import { countOrganizations, findOrganization, listOrganizations } from '@icn/state-machine/membership'
import { mayReadOf } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { escapeHtml, htmlPage, htmlTable } from '../html.ts'
import { proposalSummary } from './proposals.ts'

const SHOWN = 50

type Decision = ReturnType<typeof proposalSummary>

/** What a status means to somebody who does not know the words of the ledger. */
const STATUS: Readonly<Record<Decision['status'], string>> = {
  draft: 'Looking for sponsors',
  discussion: 'Being discussed',
  voting: 'Voting is open',
  counting: 'Being counted',
  passed: 'Passed',
  rejected: 'Rejected',
  no_quorum: 'Too few voted',
  tied: 'Tied',
  withdrawn: 'Withdrawn',
  queued: 'Passed, to be carried out',
  executed: 'Passed and carried out',
  exec_failed: 'Passed, not carried out yet',
  vetoed: 'Vetoed',
  expired: 'Expired',
}

/** Where the network stands, who is in it, and what is decided: only what anybody may read. */
export function frontPage({ reader, genesis, consensus }: HttpContext): string {
  return reader.read((sql, at) => {
    const { organizations, members } = countOrganizations(sql)
    const facts = [
      ['Height', `${at.height}, ${minute(new Date(at.timeMs).toISOString())}`],
      ['Organizations', `${organizations}, with ${members} members`],
      ['Network', `<code>${escapeHtml(genesis.chainId)}</code>`],
      ['State root', `<code>${toHex(at.appHash)}</code>`],
      ['Transactions waiting', String(consensus.status().mempool)],
    ]
    const list = facts.map(([name = '', value = '']) => `<dt>${name}</dt><dd>${value}</dd>`).join('')
    return htmlPage(
      genesis.name,
      `<dl>${list}</dl>${decisionsHtml(sql)}${organizationsHtml(sql)}
<h2>Take part</h2>
<p>Members act with a key of their own, which never leaves their computer:</p>
<pre tabindex="0"><code>npx icn key new --as ana
npx icn org found "Harbour Bakery" --as ana</code></pre>`,
    )
  })
}

function decisionsHtml(sql: SqlReader): string {
  const latest = listProposals(sql, { limit: SHOWN })
  const shown = latest.filter(({ org }) => mayReadOf(sql, org, undefined)).map(proposalSummary)
  const columns = [
    { head: 'Decision', cell: ({ title, id }: Decision) => `${escapeHtml(title)}<br><small>${escapeHtml(id)}</small>` },
    { head: 'Organization', cell: ({ org }: Decision) => escapeHtml(findOrganization(sql, org)?.name ?? org) },
    { head: 'Status', cell: statusHtml },
    { head: 'Voted', cell: ({ turnout, roll }: Decision) => (roll === null ? '–' : `${turnout} of ${roll}`) },
    { head: 'Result', cell: ({ winners }: Decision) => escapeHtml(winners.join(', ')) || '–' },
  ]
  if (shown.length === 0) return '<h2>Decisions</h2><p>None yet that everybody may read.</p>'
  return `<h2>Decisions</h2>${htmlTable('Decisions', columns, shown)}${more(countProposals(sql), 'decisions', '/v1/proposals')}`
}

function statusHtml({ status, votingEnd, discussionEnd }: Decision): string {
  const until = status === 'voting' ? votingEnd : status === 'discussion' ? discussionEnd : null
  return `${STATUS[status]}${until === null ? '' : `<br><small>until ${minute(until)}</small>`}`
}

function organizationsHtml(sql: SqlReader): string {
  const shown = listOrganizations(sql, { limit: SHOWN })
  type Row = (typeof shown)[number]
  const columns = [
    { head: 'Name', cell: ({ name }: Row) => escapeHtml(name) },
    { head: 'Kind', cell: ({ kind }: Row) => escapeHtml(kind) },
    { head: 'Members', cell: ({ members }: Row) => String(members), isCount: true },
    { head: 'Identifier', cell: ({ did }: Row) => `<code>${escapeHtml(did)}</code>` },
  ]
  if (shown.length === 0) return '<h2>Organizations</h2><p>None yet: the first one is founded as shown below.</p>'
  const { organizations } = countOrganizations(sql)
  return `<h2>Organizations</h2>${htmlTable('Organizations', columns, shown)}${more(organizations, 'organizations', '/v1/organizations')}`
}

function more(total: number, what: string, path: string): string {
  return total <= SHOWN
    ? ''
    : `<p class="soft">At most ${SHOWN} of ${total} ${what} are shown; <a href="${path}">${path}</a> has all.</p>`
}

/** `2026-05-01 12:30 UTC`, for people and for programs. */
function minute(time: string): string {
  return `<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 16)} UTC</time>`
}
