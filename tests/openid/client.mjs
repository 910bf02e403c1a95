// An application that signs people in, by one of two published libraries. It prints a line of JSON for each step:
// where to send the browser, and what became of it. Called with the issuer, the client's id, its secret (or "none"), the
// library, and what to do: "sign-in", or one of the requests that must be refused.
import http from 'node:http'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

const [issuer, id, secret, library, what, scope] = process.argv.slice(2)
const redirect = process.env.REDIRECT_URI
const say = (line) => console.log(JSON.stringify(line))
const fault = (error) => error?.error ?? error?.cause?.error ?? error?.code ?? error?.message ?? String(error)

// The browser comes back here. The answer to the person says that it is over.
function back () {
  return new Promise((resolve, reject) => {
    const server = http.createServer((request, response) => {
      const url = new URL(request.url, redirect)
      if (url.pathname !== new URL(redirect).pathname) return response.writeHead(404).end()
      const page = '<title>back</title><h1>back at the application</h1>'
      // Not before the page is out: the browser would come back to a connection that is gone.
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page, () => {
        server.close()
        server.closeAllConnections?.()
      })
      resolve(url)
    })
    server.on('error', reject)
    server.listen(Number(new URL(redirect).port), '127.0.0.1')
  })
}

const withOpenidClient = {
  async begin () {
    const authentication = secret === 'none' ? openid.None() : openid.ClientSecretBasic(secret)
    const config = await openid.discovery(new URL(issuer), id, secret === 'none' ? undefined : secret, authentication, {
      execute: [openid.allowInsecureRequests]
    })
    const verifier = openid.randomPKCECodeVerifier()
    const known = { verifier, nonce: openid.randomNonce(), state: openid.randomState() }
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirect,
      scope,
      state: known.state,
      nonce: known.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256'
    })
    return { config, known, url }
  },
  async end ({ config, known }, at, changed = {}) {
    const { verifier, nonce, state } = { ...known, ...changed }
    const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state, idTokenExpected: true }
    const tokens = await openid.authorizationCodeGrant(config, at, checks)
    const claims = tokens.claims()
    const told = await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token)
    await openid.tokenRevocation(config, renewed.refresh_token)
    const after = await openid.refreshTokenGrant(config, renewed.refresh_token).then(() => 'still good', fault)
    return { claims, told, renewed: renewed.claims().sub === claims.sub, after }
  }
}

const withOauth4webapi = {
  async begin () {
    const insecure = { [oauth.allowInsecureRequests]: true }
    const answer = await oauth.discoveryRequest(new URL(issuer), insecure)
    const server = await oauth.processDiscoveryResponse(new URL(issuer), answer)
    const verifier = oauth.generateRandomCodeVerifier()
    const known = { verifier, nonce: oauth.generateRandomNonce(), state: oauth.generateRandomState() }
    const url = new URL(server.authorization_endpoint)
    const asked = {
      client_id: id,
      redirect_uri: redirect,
      response_type: 'code',
      scope,
      state: known.state,
      nonce: known.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256'
    }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    const authentication = secret === 'none' ? oauth.None() : oauth.ClientSecretPost(secret)
    return { config: { server, client: { client_id: id }, authentication, insecure }, known, url }
  },
  async end ({ config, known }, at, changed = {}) {
    const { server, client, authentication, insecure } = config
    const { verifier, nonce, state } = { ...known, ...changed }
    const parameters = oauth.validateAuthResponse(server, client, at, state)
    const answer = await oauth.authorizationCodeGrantRequest(
      server, client, authentication, parameters, redirect, verifier, insecure)
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true })
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    await oauth.validateApplicationLevelSignature(server, answer, insecure)
    const info = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
    const told = await oauth.processUserInfoResponse(server, client, claims.sub, info)
    const refreshed = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, insecure)
    const renewed = await oauth.processRefreshTokenResponse(server, client, refreshed)
    const revoked = await oauth.revocationRequest(server, client, authentication, renewed.refresh_token, insecure)
    await oauth.processRevocationResponse(revoked)
    const last = await oauth.refreshTokenGrantRequest(server, client, authentication, renewed.refresh_token, insecure)
    const after = await oauth.processRefreshTokenResponse(server, client, last).then(() => 'still good', fault)
    return { claims, told, renewed: oauth.getValidatedIdTokenClaims(renewed).sub === claims.sub, after }
  }
}

const client = library === 'openid-client' ? withOpenidClient : withOauth4webapi
const begun = await client.begin()
const changes = {
  'no-pkce': (url) => { url.searchParams.delete('code_challenge'); url.searchParams.delete('code_challenge_method') },
  'none-without-session': (url) => url.searchParams.set('prompt', 'none'),
  'scope-not-granted': (url) => url.searchParams.set('scope', `${scope} email`)
}
changes[what]?.(begun.url)
const come = back()
say({ goto: begun.url.href })
const at = await come
const attempt = (changed) => client.end(begun, at, changed).then((done) => ({ done }), (error) => ({ refused: fault(error) }))
switch (what) {
  case 'wrong-verifier':
    say(await attempt({ verifier: openid.randomPKCECodeVerifier() }))
    break
  case 'wrong-nonce':
    say(await attempt({ nonce: openid.randomNonce() }))
    break
  case 'code-twice':
    await attempt()
    say(await attempt())
    break
  default:
    say(await attempt())
}
