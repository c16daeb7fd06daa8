import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { routes } from '../src/contract/index.ts'
import { newPerson, plainProposal, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
let api: TestApi

before(async () => {
  api = await startApi()
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana' } as const
  const { org: open = '' } = await api.act(ana, { ...founding, name: 'Zur Möwe & "Söhne"', charter: {} })
  const { org: closed = '' } = await api.act(ana, { ...founding, name: 'Closed', charter: { readAccess: 'members' } })
  await api.act(ana, plainProposal(open, '<img src=x onerror=alert(1)>'))
  await api.act(ana, plainProposal(closed, 'Wages of everybody'))
})
after(() => api.close())

async function page(path: string): Promise<{ readonly html: string; readonly policy: string }> {
  const response = await fetch(api.url + path)
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
  return { html: await response.text(), policy: response.headers.get('content-security-policy') ?? '' }
}

test('the pages have landmarks, one heading, and nothing from elsewhere', async () => {
  for (const path of ['/', '/docs']) {
    const { html } = await page(path)
    for (const mark of ['<html lang="en">', '<main id="main">', '<header>', '<footer>', '<nav aria-label="Pages">'])
      assert.ok(html.includes(mark), `${path} has no ${mark}`)
    assert.equal(html.match(/<h1>/g)?.length, 1)
    assert.match(html, /name="viewport"/)
    assert.doesNotMatch(html, /<script|<link|<iframe| style=|https?:\/\//)
  }
})

test('the policy lets nothing through but the very style sheet of the page', async () => {
  const { html, policy } = await page('/')
  const style = /<style>([^<]+)<\/style>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.match(policy, /^default-src 'none'; /)
  assert.ok(policy.includes(`style-src 'sha256-${hash}';`))
  assert.ok(!policy.includes('unsafe'))
})

test('the first page shows where the network stands, as text, and only what anybody may read', async () => {
  const { html } = await page('/')
  const { height, network } = (await api.get('/v1/network')).json
  assert.ok(html.includes(`${height}, <time`) && html.includes(network))
  assert.ok(html.includes('Zur Möwe &amp; &quot;Söhne&quot;'))
  assert.ok(html.includes('&lt;img src=x onerror=alert(1)&gt;') && !html.includes('<img'))
  assert.ok(html.includes('Voting is open') && html.includes('0 of 1'))
  assert.ok(!html.includes('Wages'))
})

test('the docs name every operation', async () => {
  const { html } = await page('/docs')
  for (const { method, path } of Object.values(routes)) assert.ok(html.includes(`<code>${method} ${path}</code>`), path)
})
