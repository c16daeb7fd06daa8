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

/** Least common multiple of two numbers above 0. */
export function lcm(a: bigint, b: bigint): bigint {
  return a % b === 0n ? a : (a / gcd(a, b)) * b
}
