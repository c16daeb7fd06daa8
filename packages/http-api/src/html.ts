import { createHash } from 'node:crypto'

/** A text as HTML text or attribute: whatever it holds is shown, never run. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const STYLE = `:root{color-scheme:light dark;--ink:#1a2420;--soft:#4a5752;--paper:#fbfaf7;--card:#fff;--line:#d6dbd7;--link:#0b5c46}
@media (prefers-color-scheme:dark){:root{--ink:#e8ece9;--soft:#aab5af;--paper:#141917;--card:#1c2320;--line:#38423d;--link:#7fd6b8}}
*{box-sizing:border-box}
body{font:1rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:64rem;margin:0 auto;padding:0 1rem 2rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between;padding:1.25rem 0 .75rem;border-bottom:1px solid var(--line)}
h1{font-size:1.5rem;line-height:1.25;margin:0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{max-width:45rem;margin:.5rem 0}a{color:var(--link)}a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:0;padding:0}
.skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem}
small,.soft{color:var(--soft)}
table{border-collapse:collapse;table-layout:fixed;width:100%;background:var(--card);border:1px solid var(--line)}
th,td{text-align:left;padding:.5rem .75rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{font-size:.9rem;color:var(--soft)}th:first-child{width:36%}td.count,th.count{text-align:right}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1rem;margin:1rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,monospace;font-size:.875em}code{overflow-wrap:anywhere}
pre{overflow:auto;padding:.75rem;background:var(--card);border:1px solid var(--line);margin:.5rem 0}
details{border-bottom:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer;overflow-wrap:anywhere}details details{border:0;padding:.25rem 0}
footer{margin-top:2.5rem;padding-top:.75rem;border-top:1px solid var(--line);color:var(--soft)}
@media (max-width:40rem){
 table.stack thead{position:absolute;left:-100rem}
 table.stack tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
 table.stack td{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:.5rem;padding:.15rem .75rem;border:0;text-align:left}
 table.stack td::before{content:attr(data-label);color:var(--soft)}
}`

/** No script, no frame, nothing from elsewhere; no style but the one sheet within the page. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/**
 * A whole page with its landmarks.
 *
 * @param body - HTML of the main part, every text in it escaped
 */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
<a class="skip" href="#main">Skip to the content</a>
<header><h1>${escapeHtml(title)}</h1>
<nav aria-label="Pages"><ul><li><a href="/">Network</a></li><li><a href="/docs">For programs</a></li></ul></nav></header>
<main id="main">${body}</main>
<footer>A node of the InterCooperative Network. What it shows can be checked by anybody: <code>icn audit verify</code> recounts a decision.</footer>
</body></html>
`
}

interface Column<R> {
  readonly head: string
  /** HTML of a cell, every text in it escaped. */
  readonly cell: (row: R) => string
  readonly isCount?: boolean
}

/** A table that becomes a list of cards on a narrow screen. */
export function htmlTable<R>(label: string, columns: readonly Column<R>[], rows: readonly R[]): string {
  const kind = (isCount = false) => (isCount ? ' class="count"' : '')
  const heads = columns.map(({ head, isCount }) => `<th scope="col"${kind(isCount)}>${escapeHtml(head)}</th>`)
  const line = (row: R) =>
    columns.map(
      ({ head, cell, isCount }) =>
        `<td data-label="${escapeHtml(head)}"${kind(isCount)}><span>${cell(row)}</span></td>`,
    )
  const body = rows.map((row) => `<tr>${line(row).join('')}</tr>`).join('')
  return `<table class="stack" aria-label="${escapeHtml(label)}"><thead><tr>${heads.join('')}</tr></thead><tbody>${body}</tbody></table>`
}
