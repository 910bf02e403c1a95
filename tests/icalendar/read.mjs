// Reads a calendar from its input with a published parser, strictly, and prints a line of JSON for each event. It ends with
// an error where the parser or RFC 5545 does not allow what stands there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'

ICAL.design.strict = true
const text = readFileSync(0, 'utf8')

// 3.1: lines end with CRLF and have at most 75 octets.
assert.ok(text.endsWith('\r\n'), 'the last line has no end')
for (const line of text.slice(0, -2).split('\r\n')) {
  assert.ok(!/[\r\n]/.test(line), `a bare end of line in ${JSON.stringify(line)}`)
  assert.ok(Buffer.byteLength(line) <= 75, `too long: ${line}`)
  assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line), `a control sign in ${JSON.stringify(line)}`)
}

// 3.4, 3.6: what begins ends, in order.
const open = []
for (const [, what, name] of text.matchAll(/^(BEGIN|END):(.*)\r$/gm)) {
  if (what === 'BEGIN') open.push(name)
  else assert.equal(open.pop(), name)
}
assert.deepEqual(open, [])

const parsed = ICAL.parse(text)
assert.equal(parsed[0], 'vcalendar')
const calendar = new ICAL.Component(parsed)
// 3.6: once each, and what each event needs.
const once = (component, name) => {
  const all = component.getAllProperties(name)
  assert.equal(all.length, 1, `${name} stands ${all.length} times in ${component.name}`)
  return all[0].getFirstValue()
}
assert.equal(once(calendar, 'version'), '2.0')
assert.ok(once(calendar, 'prodid'))

const zones = new Map(calendar.getAllSubcomponents('vtimezone').map((zone) => [once(zone, 'tzid'), zone]))
for (const zone of zones.values()) ICAL.TimezoneService.register(new ICAL.Timezone(zone))

const seen = new Set()
for (const event of calendar.getAllSubcomponents('vevent')) {
  const uid = once(event, 'uid')
  assert.ok(!seen.has(uid), `${uid} stands twice`)
  seen.add(uid)
  once(event, 'dtstamp')
  for (const name of ['dtstart', 'dtend']) {
    const zone = event.getFirstProperty(name).getParameter('tzid')
    assert.ok(zones.has(zone), `${uid}: no zone ${zone}`)
  }
  const [begins, ends] = [once(event, 'dtstart'), once(event, 'dtend')]
  assert.ok(ends.compare(begins) > 0, `${uid} ends before it begins`)
  for (const property of event.getAllProperties()) {
    assert.notEqual(property.type, 'unknown', `${uid}: ${property.name}`)
  }
  console.log(JSON.stringify({ uid, begins: begins.toUnixTime(), summary: once(event, 'summary') }))
}
