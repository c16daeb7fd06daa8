export { type InvitationCode, invitationCode, parseBallot, parseInvitationCode } from './parse.ts'
