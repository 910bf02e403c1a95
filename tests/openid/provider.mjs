// A provider at which people have work accounts, by a published library. Called with the client's id, its secret and
// its redirect address; it prints where it is. Each line that it reads is an object: `as` says who is signed in there
// from now on, `authorize` walks through it as a browser would, and prints where that leads back to.
import http from 'node:http'
import readline from 'node:readline'
import Provider, { interactionPolicy } from 'oidc-provider'

const [clientId, clientSecret, redirect] = process.argv.slice(2)
// Its own remarks are not for the reader of the lines.
console.info = console.warn = console.error
const say = (line) => console.log(JSON.stringify(line))
let person = { sub: 'nobody' }

const policy = interactionPolicy.base()
policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }))

const server = http.createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_post'
  }],
  // As Google and Microsoft do, the ID token tells the address itself.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified', 'xms_edov'] },
  features: { devInteractions: { enabled: false } },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  cookies: { keys: ['for tests'] },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) })
})

// No page asks anything: `person` is signed in, and agrees.
async function interact (request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response)
  if (person.refuses) {
    return provider.interactionFinished(request, response, { error: 'access_denied' }, { mergeWithLastSubmission: false })
  }
  const grant = new provider.Grant({ accountId: person.sub, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  const result = { login: { accountId: person.sub }, select_account: {}, consent: { grantId: await grant.save() } }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: prompt.name !== 'login' })
}

const answer = provider.callback()
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  interact(request, response).catch((error) => response.writeHead(500).end(String(error)))
})

// As a browser without a session there.
async function walk (address) {
  const jar = new Map()
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(address, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s)
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (!location) return `${response.status}: ${await response.text()}`
    address = new URL(location, address).href
    if (address.startsWith(redirect)) return address
  }
  return 'it does not end'
}

say({ issuer })
for await (const line of readline.createInterface({ input: process.stdin })) {
  const told = JSON.parse(line)
  if (told.as) person = told.as
  say(told.authorize ? { back: await walk(told.authorize) } : {})
}
process.exit(0)
