/** Greatest common divisor of two numbers of 0 or more. */
export function gcd(a: bigint, b: bigint): bigint {
  let x = a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** `7/3`, in lowest terms; `2` where it is whole. */
export function ratioText(numerator: bigint, denominator: bigint): string {
  const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator)
  const [n, d] = divisor === 0n ? [0n, 1n] : [numerator / divisor, denominator / divisor]
  return d === 1n ? String(n) : `${n}/${d}`
}

/** Least common multiple of 1 to `most`. */
export function lcmUpTo(most: number): bigint {
  let multiple = 1n
  for (let i = 2n; i <= BigInt(most); i++) multiple = (multiple / gcd(multiple, i)) * i
  return multiple
}
