/** The strict rule without native code, wherever it runs: what a browser uses, and the second opinion in tests. */
export { isPrimeOrderPoint as isStrictPublicKey, verifyBytes as verifyStrict } from './ed25519-pure.ts'
