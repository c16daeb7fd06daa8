import { type Route, routes } from '../contract/index.ts'
import { escapeHtml, htmlPage } from '../html.ts'

const INTRODUCTION = `<p>Everything is JSON over HTTP; <a href="/openapi.json">openapi.json</a> says the same for programs. Lists take
<code>limit</code> and <code>cursor</code> and answer <code>items</code> and <code>nextCursor</code>. Reads name their height in
<code>ICN-Height</code> and take <code>height</code>; with <code>proof=1</code> a row comes with a proof under the state root.
Refusals are problem documents with <code>code</code>, <code>name</code> and a <code>hint</code>.</p>
<h2>To write</h2>
<ol><li>Send the action to <code>POST /v1/transactions/prepare</code>, or build its bytes yourself.</li>
<li>Check that the payload says what you mean, and sign <code>signingBytes</code> with Ed25519.</li>
<li>Send the DAG-CBOR list of payload and signature to <code>POST /v1/transactions</code>. The answer comes when its block is on the disk.</li></ol>
<h2>To watch</h2>
<p><code>GET /v1/events</code> is a stream of server-sent events; <code>topic</code>, <code>org</code> and <code>subject</code> filter, and
<code>Last-Event-ID</code> goes on after an event. <code>/healthz</code>, <code>/readyz</code> and <code>/metrics</code> are for operators.</p>`

/** The contract for people to read. */
export function docsPage(): string {
  const byTag = Map.groupBy(Object.values(routes) as Route[], ({ tag }) => tag)
  const sections = Array.from(
    byTag,
    ([tag, operations]) =>
      `<section><h2>${escapeHtml(tag.charAt(0).toUpperCase() + tag.slice(1))}</h2>${operations.map(operationHtml).join('')}</section>`,
  )
  return htmlPage('Interface of this node', `${INTRODUCTION}${sections.join('')}`)
}

function operationHtml({ method, path, summary, params, query, body, response }: Route): string {
  const known = parametersHtml('path', params) + parametersHtml('query', query)
  const list = known === '' ? '' : `<dl>${known}</dl>`
  const parts = list + schemaHtml('Body', body) + schemaHtml('Answer', response)
  return `<details><summary><code>${method} ${escapeHtml(path)}</code> ${wordsHtml(summary)}</summary>${parts}</details>`
}

function parametersHtml(where: string, schema: Route['params']): string {
  const properties = (schema?.properties ?? {}) as Record<
    string,
    { type?: string; enum?: string[]; description?: string }
  >
  return Object.entries(properties)
    .map(([name, { type = 'string', enum: values, description = '' }]) => {
      const about = [where, values?.join(' or ') ?? type, description].filter((part) => part !== '').join(', ')
      return `<dt><code>${escapeHtml(name)}</code></dt><dd>${wordsHtml(about)}</dd>`
    })
    .join('')
}

/** Words between backticks are code. */
function wordsHtml(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function schemaHtml(name: string, schema: unknown): string {
  if (schema === undefined) return ''
  return `<details><summary>${name}</summary><pre tabindex="0">${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`
}
