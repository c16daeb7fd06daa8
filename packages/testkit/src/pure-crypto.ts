import { registerHooks } from 'node:module'

const BROWSER: Readonly<Record<string, string>> = {
  '#ed25519': './ed25519-pure.ts',
  '#sha256': './sha256-browser.ts',
}

/**
 * From here on this process loads what a browser would of `@icn/crypto`: no libsodium, no OpenSSL. To be called before
 * anything that imports it, so by a file that imports the rest with `import()`.
 */
export function usePureCrypto(): void {
  registerHooks({ resolve: (specifier, context, next) => next(BROWSER[specifier] ?? specifier, context) })
}
