import type { AnswerOf } from '@icn/http-api/contract'
import { type Action, type Method, type ProposalType, summarizeBody } from '@icn/protocol'

type Proposal = AnswerOf<'proposal'>

/** A proposal for people: what it says, where it stands, and what can be done next. */
export function proposalLines(facts: Proposal): string[] {
  const { title, text, failure } = facts
  const head = [title, `${facts.id}  ${facts.type}, ${facts.method}, ${facts.status}`]
  return [
    ...head,
    ...(text === '' ? [] : ['', text]),
    ...optionLines(facts),
    '',
    ...phaseLines(facts),
    ...resultLines(facts),
    ...(failure === null ? [] : [`could not be carried out: ${failure}`]),
  ]
}

function optionLines(facts: Proposal): string[] {
  const { options } = facts
  const lines = options.map(
    ({ label, cost }, index) => `  ${index + 1}  ${label}${cost === '0' ? '' : `  costs ${cost}`}`,
  )
  return [...(lines.length === 0 ? [] : ['', ...lines]), ...deedLines(facts)]
}

/** What it does when it passes, in the words in which its author signed it. */
function deedLines({ org, type, method, actions }: Proposal): string[] {
  if (actions.length === 0) return []
  const plain = { title: '', text: '', options: [], seats: 1, maxScore: 0, budgetMinor: 0, amends: null }
  const settings = { method: method as Method, type: type as ProposalType, discussionMs: null, votingMs: null }
  const lines = summarizeBody({ kind: 'proposal.new', org, ...plain, ...settings, actions: actions as Action[] })
  return ['', ...lines.slice(lines.indexOf('Where it passes:'))]
}

function phaseLines(facts: Proposal): string[] {
  const { status, sponsors, sponsorsNeeded, discussionEnd, votingEnd, turnout, roll, executeAt } = facts
  switch (status) {
    case 'draft':
      return [`has ${sponsors.length} of ${sponsorsNeeded} sponsors; to be one: icn proposal sponsor ${facts.id}`]
    case 'discussion':
      return [`discussed until ${discussionEnd}; to say something: icn proposal discuss ${facts.id} "…"`]
    case 'voting':
      return [`voting until ${votingEnd}, ${turnout} of ${roll ?? 0} have voted; to vote: icn vote ${facts.id} …`]
    case 'counting':
      return [`voting ended ${votingEnd}, ${turnout} of ${roll ?? 0} have voted; the ballots are being counted`]
    case 'queued':
      return [`to be carried out at ${executeAt}`]
    default:
      return votingEnd === null ? [] : [`voting ended ${votingEnd}, ${turnout} of ${roll ?? 0} have voted`]
  }
}

function resultLines({ result }: Proposal): string[] {
  if (result === null) return []
  const { final, winners, tied, counts, turnout, quorum } = result
  const what = winners.length > 0 ? `${winners.join(', ')}${tied ? ' (tied)' : ''}` : countsLine(counts)
  return [`${final ? 'result' : 'so far'}: ${what}`, `turnout ${turnout}, quorum ${quorum}`]
}

function countsLine(counts: unknown): string {
  const entries = Object.entries(counts as Record<string, unknown>).filter(([, value]) => typeof value === 'number')
  return entries.length === 0 ? 'no winner' : entries.map(([name, value]) => `${name} ${value}`).join(', ')
}
