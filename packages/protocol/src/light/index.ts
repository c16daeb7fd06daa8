export { checkCommit } from './commit.ts'
export { decodeLightBlock } from './decode.ts'
export { encodeLightBlock, voteBytes } from './encode.ts'
export { LIGHT_FAILURES, type LightFailure, type NotTrusted } from './failure.ts'
export { checkForm } from './form.ts'
export { keyAddress, lightHeaderHash, merkleRoot, validatorSetHash } from './hashes.ts'
export * from './light-block.ts'
export { MalformedLightBlock } from './malformed.ts'
export { checkTrust, type TrustClock, type Trusted, type TrustRule, trustedBlock, trustedGenesis } from './trust.ts'
export {
  type ExtendOptions,
  extendPath,
  type LightBlockSource,
  shortenPath,
  type TrustPath,
  trustPath,
} from './trust-path.ts'
export {
  ARCHIVE_RULE,
  type FollowOptions,
  type Verified,
  type VerifiedChain,
  verifyChain,
  verifyFrom,
  verifyStep,
} from './verify.ts'
