/** One line of the text exposition format. */
export interface MetricLine {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Reads the Prometheus text exposition format, version 0.0.4. Lines that are none are left out: what is missing is seen by
 * whoever looks for it.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parsePrometheusText(text: string): MetricLine[] {
  return text.split('\n').flatMap((line) => {
    const [, name, inner = '', number] = LINE.exec(line) ?? []
    if (name === undefined || number === undefined) return []
    const labels = [...inner.matchAll(LABEL)].map(([, key = '', value = '']) => [key, unescaped(value)] as const)
    return [{ name, labels: Object.fromEntries(labels), value: numberOf(number) }]
  })
}

const LINE = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/
const LABEL = /([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"/g

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function numberOf(text: string): number {
  const infinite = /^([+-]?)Inf$/.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}
