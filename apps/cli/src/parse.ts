import { decodeCanonical, encodeCanonical, fromBase64Url, toBase64Url } from '@icn/crypto'
import type { Ballot } from '@icn/protocol'
import { usage } from './cli-error.ts'

const WORDS = {
  'yes-no': ['yes', 'no', 'abstain'],
  consent: ['consent', 'stand-aside', 'object', 'abstain'],
} as const

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `90m`, `12h`, `3d`: milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})(s|m|h|d|w)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined)
    throw usage(`${text} is no duration.`, 'A duration is a number and s, m, h, d or w: 90m, 3d.')
  return Number(amount) * (UNITS[unit] ?? 0)
}

export function parseCount(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw usage(`${text} is no whole number.`, 'Use digits only.')
  return Number(text)
}

/** What an invitation hands over: which one it is, and the secret that proves that one holds it. */
export interface InvitationCode {
  readonly network: string
  readonly org: string
  readonly id: string
  readonly secret: Uint8Array
}

export function invitationCode(code: InvitationCode): string {
  return `icn-invite-${toBase64Url(encodeCanonical(code))}`
}

export function parseInvitationCode(text: string): InvitationCode {
  const hint = 'Copy the whole code that begins with icn-invite-.'
  try {
    const code = decodeCanonical(fromBase64Url(text.replace(/^icn-invite-/, ''))) as InvitationCode
    if (typeof code.org === 'string' && typeof code.id === 'string' && code.secret.length === 32) return code
  } catch {
    // Said below, in words that help.
  }
  throw usage('This is no invitation code.', hint)
}

/**
 * A ballot as people write it: `yes`; a label; `A,B` for approvals; `A=3,B=1` for scores; `A>B=C` for rankings.
 * Options are named by label or by their number from 1.
 */
export function parseBallot(method: string, labels: readonly string[], text: string): Ballot {
  const ballot = ballotOf(method, labels, text)
  const named = typeof ballot === 'object' ? optionsIn(method, ballot) : []
  const twice = named.find((option, index) => named.indexOf(option) !== index)
  if (twice === undefined) return ballot
  throw usage(`${labels[twice]} is named twice.`, 'Name every option once, or leave it out.')
}

/** Of pairs of option and score the options only. */
function optionsIn(method: string, ballot: Ballot & object): readonly number[] {
  const isRanking = ['schulze', 'irv', 'stv'].includes(method)
  return ballot.flatMap((part) => (typeof part === 'number' || isRanking ? part : part.slice(0, 1)))
}

function ballotOf(method: string, labels: readonly string[], text: string): Ballot {
  const trimmed = text.trim()
  switch (method) {
    case 'yes-no':
    case 'consent':
      return wordOf(WORDS[method], trimmed)
    case 'plurality':
      return trimmed === '' ? [] : optionOf(labels, trimmed)
    case 'approval':
    case 'equal-shares':
    case 'greedy':
      if (trimmed.includes('=') && !labels.includes(trimmed)) return pairsOf(labels, trimmed)
      return labels.includes(trimmed)
        ? [labels.indexOf(trimmed)]
        : partsOf(trimmed, ',').map((part) => optionOf(labels, part))
    case 'score':
      return pairsOf(labels, trimmed)
    default:
      if (labels.includes(trimmed)) return [[labels.indexOf(trimmed)]]
      return partsOf(trimmed, '>').map((group) => partsOf(group, '=').map((part) => optionOf(labels, part)))
  }
}

/** A ballot in words, by label: what is signed names options by number only. */
export function describeChoice(labels: readonly string[], ballot: Ballot): string {
  const label = (option: number) => JSON.stringify(labels[option] ?? option)
  if (typeof ballot === 'string') return ballot
  if (typeof ballot === 'number') return label(ballot)
  if (ballot.length === 0) return 'abstain'
  const parts = ballot.map((part) => (typeof part === 'number' ? label(part) : part.map(label).join(' = ')))
  return parts.join(ballot.some((part) => typeof part !== 'number') ? ' > ' : ', ')
}

function wordOf(words: readonly Ballot[], text: string): Ballot {
  const word = words.find((own) => own === text.toLowerCase().replaceAll(' ', '-'))
  if (word !== undefined) return word
  throw usage(
    `${text === '' ? 'An empty ballot' : text} is no answer to this proposal.`,
    `Answers: ${words.join(', ')}.`,
  )
}

function pairsOf(labels: readonly string[], text: string): number[][] {
  return partsOf(text, ',').map((part) => {
    const at = part.lastIndexOf('=')
    if (at === -1) throw usage(`${part} has no score.`, 'A score follows the option: "Oven=5,Bicycle=2".')
    return [optionOf(labels, part.slice(0, at)), parseCount(part.slice(at + 1).trim())]
  })
}

function partsOf(text: string, separator: string): string[] {
  if (text === '') return []
  const parts = text.split(separator).map((part) => part.trim())
  if (!parts.includes('')) return parts
  throw usage(`Something is missing beside ${separator} in ${text}.`, 'icn help vote shows how ballots are written.')
}

function optionOf(labels: readonly string[], text: string): number {
  const given = text.trim()
  const exact = labels.indexOf(given)
  if (exact !== -1) return exact
  const folded = labels.findIndex((label) => label.toLowerCase() === given.toLowerCase())
  if (folded !== -1) return folded
  const number = /^\d{1,3}$/.test(given) ? Number(given) - 1 : -1
  if (number >= 0 && number < labels.length) return number
  throw usage(
    `${given} is no option of this proposal.`,
    `Options: ${labels.map((label, index) => `${index + 1} ${label}`).join(', ')}`,
  )
}
